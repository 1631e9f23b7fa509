using System.Security.Cryptography;
using Llama2.Training.Model;

namespace Llama2.Training.Objectives;

/// <summary>
/// Kahneman-Tversky optimization (Ethayarajh et al. 2024, arXiv 2402.01306, equation 8), as TRL computes it: learns from answers that are rated as
/// desirable or undesirable. The loss is the mean of the losses of a step's answers.
/// </summary>
internal sealed class KtoTask : ITrainingTask
{
    private readonly IReadOnlyList<TrainingSample> _samples;
    private readonly double _beta, _desirableWeight, _undesirableWeight;
    private readonly MismatchedAnswers _mismatched;
    private readonly RewardTotals _rewards = new();
    private float[] _weights = [];
    private double[] _references = [], _sums = [];

    /// <param name="samples">The answers, all of which are rated.</param>
    /// <param name="vocabularySize">The number of tokens of the model.</param>
    /// <param name="contextLength">The maximum number of positions of a sample.</param>
    /// <param name="preference">The settings.</param>
    /// <exception cref="ArgumentException">
    /// A sample has fewer than two tokens, a mask whose length is not the number of tokens, or a token that is not in the vocabulary. Or there are
    /// fewer than two samples with tokens to learn.
    /// </exception>
    public KtoTask(IReadOnlyList<TrainingSample> samples, int vocabularySize, int contextLength, PreferenceOptions preference)
    {
        _samples = samples;
        Preference = preference;
        (_beta, _desirableWeight, _undesirableWeight) = (preference.EffectiveBeta, preference.DesirableWeight, preference.UndesirableWeight);
        Lengths = [.. samples.Select((sample, index) => SampleCheck.CountTargets(sample, index, vocabularySize) > 0 ? sample.Tokens.Length - 1 : 0)];
        if (Lengths.Count(length => length > 0) < 2)
        {
            throw new ArgumentException("KTO needs two rated answers or more, because it compares answers with those of other samples.", nameof(samples));
        }

        _mismatched = new MismatchedAnswers(samples, Lengths, contextLength);
    }

    public PreferenceOptions? Preference { get; }

    public int[] Lengths { get; }

    public double Weight(int sample) => 1;

    public double Accumulate(TrainingModel model, TokenBatch batch, ReadOnlySpan<int> samples, double scale)
    {
        double divergence = Compute(model, batch, samples), loss = 0;
        _rewards.AddDivergence(divergence);
        for (int segment = 0; segment < batch.SegmentCount; segment++)
        {
            bool isDesirable = IsDesirable(samples[segment]);
            (double answerLoss, double weight) = LossOf(batch, segment, isDesirable, divergence);
            loss += scale * answerLoss;
            _rewards.Add(_beta * GainOf(batch, segment), isDesirable);
            batch.SetWeights(segment, (float)(scale * weight));
        }

        model.Backward(batch);
        return loss;
    }

    public double Evaluate(TrainingModel model, TokenBatch batch, ReadOnlySpan<int> samples, double scale)
    {
        double divergence = Compute(model, batch, samples), loss = 0;
        for (int segment = 0; segment < batch.SegmentCount; segment++)
        {
            loss += scale * LossOf(batch, segment, IsDesirable(samples[segment]), divergence).Loss;
        }

        return loss;
    }

    public PreferenceRewards? TakeRewards() => _rewards.Take();

    public void Hash(IncrementalHash digest)
    {
        foreach (TrainingSample sample in _samples)
        {
            SampleCheck.Hash(sample, digest);
            digest.AppendData(sample.IsDesirable == true ? "+"u8 : "-"u8);
        }
    }

    private bool IsDesirable(int sample) => _samples[sample].IsDesirable == true;

    // Computes the log-probabilities of the answers, and returns the estimate of the divergence. No gradient flows through the estimate, so its passes
    // come first, and the model's pass over the answers, whose activations the backward pass needs, comes last.
    private double Compute(TrainingModel model, TokenBatch batch, ReadOnlySpan<int> samples)
    {
        if (_references.Length < samples.Length)
        {
            (_references, _sums) = (new double[samples.Length], new double[samples.Length]);
        }

        // The estimate is made without dropout and noise, which would add to it.
        bool isTraining = model.Pass.IsTraining;
        model.Pass.IsTraining = false;
        _mismatched.Fill(batch, samples);
        ComputeReferenceAndModel(model, batch);
        model.Pass.IsTraining = isTraining;
        batch.SumLogProbabilities(_sums);
        double gain = 0;
        for (int segment = 0; segment < samples.Length; segment++)
        {
            gain += _sums[segment] - _references[segment];
        }

        Fill(batch, samples);
        ComputeReferenceAndModel(model, batch);
        return Math.Max(0, gain / samples.Length);
    }

    private void ComputeReferenceAndModel(TrainingModel model, TokenBatch batch)
    {
        model.ComputeReference(batch);
        batch.SumLogProbabilities(_references);
        model.Forward(batch);
        model.ComputeLogProbabilities(batch);
    }

    private double GainOf(TokenBatch batch, int segment) => batch.SumLogProbabilities(segment) - _references[segment];

    // The loss of an answer, and minus its derivative with respect to the log-probability of each of the answer's tokens.
    private (double Loss, double Weight) LossOf(TokenBatch batch, int segment, bool isDesirable, double divergence)
    {
        double weight = isDesirable ? _desirableWeight : -_undesirableWeight, advantage = _beta * (GainOf(batch, segment) - divergence);
        double value = Logistic.Sigmoid(isDesirable ? advantage : -advantage), rest = Logistic.Sigmoid(isDesirable ? -advantage : advantage);
        return (Math.Abs(weight) * rest, weight * _beta * value * rest);
    }

    private void Fill(TokenBatch batch, ReadOnlySpan<int> samples)
    {
        batch.Clear();
        foreach (int index in samples)
        {
            if (!batch.TryAdd(_samples[index].Tokens.Span, SampleCheck.Weights(_samples[index], 1, ref _weights)))
            {
                throw new InvalidOperationException("The plan packed more samples than a batch holds.");
            }
        }
    }
}
