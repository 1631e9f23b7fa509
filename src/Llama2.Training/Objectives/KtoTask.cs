using System.Security.Cryptography;
using Llama2.Training.Model;

namespace Llama2.Training.Objectives;

/// <summary>
/// Kahneman-Tversky optimization (Ethayarajh et al. 2024, arXiv 2402.01306, equation 8), as TRL computes it: learns from answers that are rated as
/// desirable or undesirable. The loss is the mean of the losses of a step's answers, and the divergence is estimated once for the step.
/// </summary>
internal sealed class KtoTask : ITrainingTask
{
    private readonly IReadOnlyList<TrainingSample> _samples;
    private readonly double _beta, _desirableWeight, _undesirableWeight;
    private readonly MismatchedAnswers _mismatched;
    private readonly RewardTotals _rewards = new();
    private float[] _weights = [];
    private double[] _references = [], _sums = [];
    private double _divergence;

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

    // No gradient flows through the estimate of the divergence, so its passes come before those of the step's batches. It is made without dropout and noise,
    // which would add to it.
    public void Prepare(TrainingModel model, TokenBatch batch, ReadOnlySpan<int> samples, CancellationToken cancellationToken)
    {
        bool isTraining = model.Pass.IsTraining;
        model.Pass.IsTraining = false;
        double gain = 0;
        for (int next = 0; next < samples.Length;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            next = _mismatched.Fill(batch, samples, next);
            ComputeReferenceAndModel(model, batch);
            batch.SumLogProbabilities(_sums);
            for (int segment = 0; segment < batch.SegmentCount; segment++)
            {
                gain += _sums[segment] - _references[segment];
            }
        }

        model.Pass.IsTraining = isTraining;
        _divergence = Math.Max(0, gain / samples.Length);
    }

    public double ForwardWork(int sample, PassWork pass) => SampleCheck.ForwardWork(_samples[sample], pass);

    // Both models compute the sample's answer and a mismatched one.
    public int ForwardPassCount(bool isKnown) => 4;

    public double Accumulate(TrainingModel model, TokenBatch batch, ReadOnlySpan<int> samples, double scale)
    {
        Fill(batch, samples);
        ComputeReferenceAndModel(model, batch);
        _rewards.Divergence = _divergence;
        double loss = 0;
        for (int segment = 0; segment < batch.SegmentCount; segment++)
        {
            bool isDesirable = IsDesirable(samples[segment]);
            (double answerLoss, double weight) = LossOf(batch, segment, isDesirable);
            loss += scale * answerLoss;
            _rewards.Add(_beta * GainOf(batch, segment), isDesirable);
            batch.SetWeights(segment, (float)(scale * weight));
        }

        model.Backward(batch);
        return loss;
    }

    public double Evaluate(TrainingModel model, TokenBatch batch, ReadOnlySpan<int> samples, double scale)
    {
        Fill(batch, samples);
        ComputeReferenceAndModel(model, batch);
        double loss = 0;
        for (int segment = 0; segment < batch.SegmentCount; segment++)
        {
            loss += scale * LossOf(batch, segment, IsDesirable(samples[segment])).Loss;
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

    // The reference comes first, so that afterwards the activations of the model are available for the backward pass.
    private void ComputeReferenceAndModel(TrainingModel model, TokenBatch batch)
    {
        if (_references.Length < batch.SegmentCount)
        {
            (_references, _sums) = (new double[batch.SegmentCount], new double[batch.SegmentCount]);
        }

        model.ComputeReference(batch);
        batch.SumLogProbabilities(_references);
        model.Forward(batch);
        model.ComputeLogProbabilities(batch);
    }

    private double GainOf(TokenBatch batch, int segment) => batch.SumLogProbabilities(segment) - _references[segment];

    // The loss of an answer, and minus its derivative with respect to the log-probability of each of the answer's tokens.
    private (double Loss, double Weight) LossOf(TokenBatch batch, int segment, bool isDesirable)
    {
        double weight = isDesirable ? _desirableWeight : -_undesirableWeight, advantage = _beta * (GainOf(batch, segment) - _divergence);
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
