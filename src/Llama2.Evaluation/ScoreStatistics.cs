namespace Llama2.Evaluation;

/// <summary>Sums of log-probabilities, and the resulting perplexity.</summary>
internal sealed class ScoreStatistics
{
    private double _sumOfSquares;

    /// <summary>The number of log-probabilities that were added.</summary>
    public long Count { get; private set; }

    /// <summary>The sum of the log-probabilities.</summary>
    public double Sum { get; private set; }

    /// <summary>e to the power of the mean negative log-probability.</summary>
    public double Perplexity => Math.Exp(-Sum / Count);

    /// <summary>
    /// The standard error of the perplexity as llama.cpp computes it: the standard error of the mean log-probability, multiplied by the perplexity.
    /// </summary>
    public double PerplexityStandardError
    {
        get
        {
            double mean = Sum / Count, variance = (_sumOfSquares / Count) - (mean * mean);
            return Count > 1 && variance > 0 ? Perplexity * Math.Sqrt(variance / (Count - 1)) : 0;
        }
    }

    /// <summary>Adds log-probabilities in the given order, so that the same log-probabilities always give the same sums, bit for bit.</summary>
    public void Add(ReadOnlySpan<float> logProbabilities)
    {
        foreach (float logProbability in logProbabilities)
        {
            Sum += logProbability;
            _sumOfSquares += (double)logProbability * logProbability;
        }

        Count += logProbabilities.Length;
    }
}
