namespace Llama2.Evaluation;

/// <summary>Estimates pass@k: the probability that at least one of k generated programs is correct. Thread-safe.</summary>
public static class PassAtK
{
    /// <summary>The unbiased estimate 1 − C(n − c, k) / C(n, k) from n programs of which c are correct (Chen et al. 2021, arXiv 2107.03374, section 2.1).</summary>
    /// <param name="sampleCount">The number of generated programs, n; 1 or more.</param>
    /// <param name="passedCount">The number of correct ones among them, c; 0 to n.</param>
    /// <param name="k">The number of programs that a user would try; 1 to n.</param>
    /// <returns>A probability, 0 to 1.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An argument is out of range.</exception>
    public static double Estimate(int sampleCount, int passedCount, int k)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(sampleCount, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(passedCount);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(passedCount, sampleCount);
        ArgumentOutOfRangeException.ThrowIfLessThan(k, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(k, sampleCount);

        int failedCount = sampleCount - passedCount;
        if (failedCount < k)
            return 1;
        // The quotient of the binomial coefficients as a product, because the coefficients themselves overflow.
        double allFail = 1;
        for (int i = failedCount + 1; i <= sampleCount; i++)
            allFail *= 1 - ((double)k / i);
        return 1 - allFail;
    }
}
