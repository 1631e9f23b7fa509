using System.Security.Cryptography;
using Llama2.Training.Model;

namespace Llama2.Training.Objectives;

/// <summary>
/// Learns to predict, in each sample, the tokens that the sample's loss mask selects. The loss is the mean of −ln(probability) over these tokens of a
/// step.
/// </summary>
internal sealed class SupervisedTask : ITrainingTask
{
    private readonly IReadOnlyList<TrainingSample> _samples;
    private readonly int[] _targetCounts;
    private float[] _weights = [];
    private long _tokenCount, _rightTokenCount, _answerCount, _rightAnswerCount;

    /// <exception cref="ArgumentException">
    /// A sample has fewer than two tokens, a mask whose length is not the number of tokens, or a token that is not in the vocabulary.
    /// </exception>
    public SupervisedTask(IReadOnlyList<TrainingSample> samples, int vocabularySize)
    {
        _samples = samples;
        _targetCounts = [.. samples.Select((sample, index) => SampleCheck.CountTargets(sample, index, vocabularySize))];
        Lengths = [.. samples.Select((sample, index) => _targetCounts[index] > 0 ? sample.Tokens.Length - 1 : 0)];
    }

    public PreferenceOptions? Preference => null;

    public int[] Lengths { get; }

    public double Weight(int sample) => _targetCounts[sample];

    public double ForwardWork(int sample, PassWork pass) => pass.Of(Lengths[sample], _targetCounts[sample]);

    public double Accumulate(TrainingModel model, TokenBatch batch, ReadOnlySpan<int> samples, double scale)
    {
        Fill(batch, samples, scale);
        model.Forward(batch);
        model.Backward(batch);
        return Loss(batch);
    }

    public double Evaluate(TrainingModel model, TokenBatch batch, ReadOnlySpan<int> samples, double scale)
    {
        Fill(batch, samples, scale);
        model.Forward(batch);
        model.ComputeLogProbabilities(batch);
        CountRight(batch);
        return Loss(batch);
    }

    public PreferenceRewards? TakeRewards() => null;

    public AnswerMetrics? TakeMetrics()
    {
        var metrics = new AnswerMetrics((double)_rightTokenCount / Math.Max(1, _tokenCount), (double)_rightAnswerCount / Math.Max(1, _answerCount));
        (_tokenCount, _rightTokenCount, _answerCount, _rightAnswerCount) = (0, 0, 0, 0);
        return metrics;
    }

    public void Hash(IncrementalHash digest)
    {
        foreach (TrainingSample sample in _samples)
        {
            SampleCheck.Hash(sample, digest);
        }
    }

    private void Fill(TokenBatch batch, ReadOnlySpan<int> samples, double scale)
    {
        batch.Clear();
        foreach (int index in samples)
        {
            TrainingSample sample = _samples[index];
            if (!batch.TryAdd(sample.Tokens.Span, SampleCheck.Weights(sample, (float)scale, ref _weights)))
            {
                throw new InvalidOperationException("The plan packed more samples than a batch holds.");
            }
        }
    }

    private void CountRight(TokenBatch batch)
    {
        for (int segment = 0; segment < batch.SegmentCount; segment++)
        {
            ReadOnlySpan<bool> answer = batch.AreMostProbable.AsSpan(batch.SegmentTargets[segment]..batch.SegmentTargets[segment + 1]);
            int rightCount = answer.Count(true);
            _tokenCount += answer.Length;
            _rightTokenCount += rightCount;
            _answerCount++;
            _rightAnswerCount += rightCount == answer.Length ? 1 : 0;
        }
    }

    private static double Loss(TokenBatch batch)
    {
        double loss = 0;
        for (int i = 0; i < batch.TargetCount; i++)
        {
            loss -= (double)batch.Weights[i] * batch.LogProbabilities[i];
        }

        return loss;
    }
}
