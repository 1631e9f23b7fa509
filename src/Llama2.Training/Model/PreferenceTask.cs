using System.Security.Cryptography;

namespace Llama2.Training.Model;

/// <summary>
/// Direct preference optimization (Rafailov et al. 2023, arXiv 2305.18290, equation 7). The loss of a pair is −ln σ(β · (gain of the chosen answer −
/// gain of the rejected answer)). The gain of an answer is its log-probability minus its log-probability in the model without adapters.
/// </summary>
internal sealed class PreferenceTask : ITrainingTask
{
    private readonly IReadOnlyList<PreferencePair> _pairs;
    private readonly double _beta;
    private float[] _weights = [];
    private double[] _references = [];
    private int _pairCount, _gainCount;

    /// <exception cref="ArgumentException">
    /// The sample of an answer has fewer than two tokens, a mask whose length is not the number of tokens, or a token that is not in the vocabulary.
    /// </exception>
    public PreferenceTask(IReadOnlyList<PreferencePair> pairs, int vocabularySize, double beta)
    {
        _pairs = pairs;
        _beta = beta;
        Lengths = [.. pairs.Select((pair, index) => LengthOf(pair, index, vocabularySize))];
    }

    public int[] Lengths { get; }

    public double Weight(int sample) => 1;

    public double Accumulate(TrainingModel model, TokenBatch batch, ReadOnlySpan<int> samples, double scale)
    {
        Compute(model, batch, samples);
        double loss = 0;
        for (int chosen = 0; chosen < batch.SegmentCount; chosen += 2)
        {
            double margin = MarginOf(batch, chosen);
            loss += scale * Softplus(-margin);
            _pairCount++;
            _gainCount += margin > 0 ? 1 : 0;
            // The derivative of the loss with respect to a log-probability is −β · σ(−margin) for tokens of the chosen answer, and +β · σ(−margin)
            // for tokens of the rejected answer.
            float weight = (float)(scale * _beta / (1 + Math.Exp(margin)));
            batch.SetWeights(chosen, weight);
            batch.SetWeights(chosen + 1, -weight);
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
            loss += scale * Softplus(-MarginOf(batch, chosen));
        }

        return loss;
    }

    public double? TakeAccuracy()
    {
        double accuracy = (double)_gainCount / Math.Max(1, _pairCount);
        (_pairCount, _gainCount) = (0, 0);
        return accuracy;
    }

    public void Hash(IncrementalHash digest)
    {
        foreach (PreferencePair pair in _pairs)
        {
            SampleCheck.Hash(pair.Chosen, digest);
            SampleCheck.Hash(pair.Rejected, digest);
        }
    }

    // Computes the log-probabilities without and with adapters. The pass without adapters comes first, so that afterwards the activations of the pass
    // with adapters are available for the backward pass.
    private void Compute(TrainingModel model, TokenBatch batch, ReadOnlySpan<int> samples)
    {
        Fill(batch, samples);
        if (_references.Length < batch.SegmentCount)
        {
            _references = new double[batch.SegmentCount];
        }

        model.Pass.UsesAdapters = false;
        model.Forward(batch);
        model.ComputeLogProbabilities(batch);
        model.Pass.UsesAdapters = true;
        for (int segment = 0; segment < batch.SegmentCount; segment++)
        {
            _references[segment] = SumOf(batch, segment);
        }

        model.Forward(batch);
        model.ComputeLogProbabilities(batch);
    }

    private double MarginOf(TokenBatch batch, int chosen)
        => _beta * (SumOf(batch, chosen) - _references[chosen] - SumOf(batch, chosen + 1) + _references[chosen + 1]);

    private static int LengthOf(PreferencePair pair, int index, int vocabularySize)
    {
        int chosen = SampleCheck.CountTargets(pair.Chosen, index, vocabularySize), rejected = SampleCheck.CountTargets(pair.Rejected, index, vocabularySize);
        return chosen > 0 && rejected > 0 ? pair.Chosen.Tokens.Length - 1 + pair.Rejected.Tokens.Length - 1 : 0;
    }

    private static double SumOf(TokenBatch batch, int segment)
    {
        double sum = 0;
        for (int i = batch.SegmentTargets[segment]; i < batch.SegmentTargets[segment + 1]; i++)
        {
            sum += batch.LogProbabilities[i];
        }

        return sum;
    }

    private static double Softplus(double value) => value > 0 ? value + Math.Log(1 + Math.Exp(-value)) : Math.Log(1 + Math.Exp(value));

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
