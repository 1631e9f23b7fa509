using System.Security.Cryptography;
using Llama2.Training.Model;

namespace Llama2.Training.Objectives;

/// <summary>Learns from pairs of answers which of the two is preferred. The loss is the mean of the losses of a step's pairs.</summary>
internal sealed class PairTask : ITrainingTask
{
    private readonly IReadOnlyList<PreferencePair> _pairs;
    private readonly IPairLoss _loss;
    private readonly RewardTotals _rewards = new();
    private readonly double[] _known;
    private readonly int[] _chosenCounts;
    private double _meanTokenCount;
    private float[] _weights = [];
    private double[] _references = [];

    /// <exception cref="ArgumentException">
    /// The sample of an answer has fewer than two tokens, a mask whose length is not the number of tokens, or a token that is not in the vocabulary.
    /// </exception>
    public PairTask(IReadOnlyList<PreferencePair> pairs, int vocabularySize, PreferenceOptions preference)
    {
        _pairs = pairs;
        Preference = preference;
        _loss = preference.Method switch
        {
            PreferenceMethod.Dpo => new DpoLoss(preference.EffectiveBeta),
            PreferenceMethod.Orpo => new OrpoLoss(preference.EffectiveBeta),
            PreferenceMethod.SimPo => new SimPoLoss(preference.EffectiveBeta, preference.MarginRatio),
            _ => throw new ArgumentOutOfRangeException(nameof(preference), preference.Method, "The method does not learn from pairs."),
        };
        Lengths = [.. pairs.Select((pair, index) => LengthOf(pair, index, vocabularySize))];
        _chosenCounts = [.. pairs.Select(pair => pair.Chosen.LossMask.Span[1..].Count(true))];
        _known = new double[_loss.NeedsReference ? 2 * pairs.Count : 0];
        Array.Fill(_known, double.NaN);
    }

    public PreferenceOptions? Preference { get; }

    public int[] Lengths { get; }

    public double Weight(int sample) => 1;

    public void Prepare(TrainingModel model, TokenBatch batch, ReadOnlySpan<int> samples, CancellationToken cancellationToken)
    {
        long tokenCount = 0;
        foreach (int sample in samples)
        {
            tokenCount += _chosenCounts[sample];
        }

        _meanTokenCount = (double)tokenCount / samples.Length;
    }

    public double ForwardWork(int sample, PassWork pass) => SampleCheck.ForwardWork(_pairs[sample].Chosen, pass) + SampleCheck.ForwardWork(_pairs[sample].Rejected, pass);

    public int ForwardPassCount(bool isKnown) => _loss.NeedsReference && !isKnown ? 2 : 1;

    public double Accumulate(TrainingModel model, TokenBatch batch, ReadOnlySpan<int> samples, double scale)
    {
        Compute(model, batch, samples);
        double loss = 0;
        for (int chosen = 0; chosen < batch.SegmentCount; chosen += 2)
        {
            PairResult result = ResultOf(batch, chosen);
            loss += scale * result.Loss;
            _rewards.AddPair(result.ChosenReward, result.RejectedReward);
            batch.SetWeights(chosen, (float)(scale * result.ChosenWeight));
            batch.SetWeights(chosen + 1, (float)(scale * result.RejectedWeight));
        }

        model.Backward(batch);
        return loss;
    }

    public double Evaluate(TrainingModel model, TokenBatch batch, ReadOnlySpan<int> samples, double scale)
    {
        Compute(model, batch, samples);
        double loss = 0;
        for (int chosen = 0; chosen < batch.SegmentCount; chosen += 2)
        {
            loss += scale * ResultOf(batch, chosen).Loss;
        }

        return loss;
    }

    public PreferenceRewards? TakeRewards() => _rewards.Take();

    public void Hash(IncrementalHash digest)
    {
        foreach (PreferencePair pair in _pairs)
        {
            SampleCheck.Hash(pair.Chosen, digest);
            SampleCheck.Hash(pair.Rejected, digest);
        }
    }

    // Computes the log-probabilities in the reference model, if the loss uses them, and in the model. The reference comes first, so that afterwards the
    // activations of the model are available for the backward pass.
    private void Compute(TrainingModel model, TokenBatch batch, ReadOnlySpan<int> samples)
    {
        Fill(batch, samples);
        if (_references.Length < batch.SegmentCount)
        {
            _references = new double[batch.SegmentCount];
        }

        if (_loss.NeedsReference)
        {
            ComputeReferences(model, batch, samples);
        }

        model.Forward(batch);
        model.ComputeLogProbabilities(batch);
    }

    // A pair's log-probabilities in the reference model are the same in each epoch and each evaluation, so they are computed once. A sample's results do
    // not depend on the other samples of its batch, so a resumed run, which computes them again in other batches, gets the same bits.
    private void ComputeReferences(TrainingModel model, TokenBatch batch, ReadOnlySpan<int> samples)
    {
        bool areKnown = true;
        for (int i = 0; i < samples.Length; i++)
        {
            Span<double> known = _known.AsSpan(2 * samples[i], 2);
            known.CopyTo(_references.AsSpan(2 * i));
            areKnown &= !double.IsNaN(known[0]);
        }

        if (areKnown)
        {
            return;
        }

        model.ComputeReference(batch);
        batch.SumLogProbabilities(_references);
        for (int i = 0; i < samples.Length; i++)
        {
            _references.AsSpan(2 * i, 2).CopyTo(_known.AsSpan(2 * samples[i]));
        }
    }

    private PairResult ResultOf(TokenBatch batch, int chosen) => _loss.Compute(ScoreOf(batch, chosen), ScoreOf(batch, chosen + 1), _meanTokenCount);

    private AnswerScore ScoreOf(TokenBatch batch, int segment)
        => new(batch.SumLogProbabilities(segment), _references[segment], batch.SegmentTargets[segment + 1] - batch.SegmentTargets[segment]);

    private static int LengthOf(PreferencePair pair, int index, int vocabularySize)
    {
        int chosen = SampleCheck.CountTargets(pair.Chosen, index, vocabularySize), rejected = SampleCheck.CountTargets(pair.Rejected, index, vocabularySize);
        return chosen > 0 && rejected > 0 ? pair.Chosen.Tokens.Length - 1 + pair.Rejected.Tokens.Length - 1 : 0;
    }

    private void Fill(TokenBatch batch, ReadOnlySpan<int> samples)
    {
        batch.Clear();
        foreach (int index in samples)
        {
            foreach (TrainingSample sample in (ReadOnlySpan<TrainingSample>)[_pairs[index].Chosen, _pairs[index].Rejected])
            {
                if (!batch.TryAdd(sample.Tokens.Span, SampleCheck.Weights(sample, 1, ref _weights)))
                {
                    throw new InvalidOperationException("The plan packed more pairs than a batch holds.");
                }
            }
        }
    }
}
