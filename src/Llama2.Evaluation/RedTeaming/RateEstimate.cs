namespace Llama2.Evaluation;

/// <summary>
/// A share of cases, with its confidence interval by Wilson's score (Wilson 1927), which is valid even for few cases and for shares of 0 and 1.
/// </summary>
/// <param name="Count">The number of cases that count.</param>
/// <param name="TotalCount">The number of all cases.</param>
public readonly record struct RateEstimate(int Count, int TotalCount)
{
    // The 97.5 % quantile of the normal distribution: 95 % of its values are within ± this.
    private const double Quantile = 1.959963984540054;

    /// <summary>The share, 0 to 1; NaN without cases.</summary>
    public double Value => (double)Count / TotalCount;

    /// <summary>The lower end of the 95 % confidence interval; 0 without cases.</summary>
    public double LowerBound => TotalCount == 0 ? 0 : Math.Max(0, Center - HalfWidth);

    /// <summary>The upper end of the 95 % confidence interval; 1 without cases.</summary>
    public double UpperBound => TotalCount == 0 ? 1 : Math.Min(1, Center + HalfWidth);

    private double Spread => Quantile * Quantile / TotalCount;

    private double Center => (Value + (Spread / 2)) / (1 + Spread);

    private double HalfWidth => Quantile / (1 + Spread) * Math.Sqrt((Value * (1 - Value) / TotalCount) + (Spread / (4 * TotalCount)));
}
