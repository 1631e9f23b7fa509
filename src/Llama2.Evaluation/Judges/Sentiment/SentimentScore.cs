namespace Llama2.Evaluation;

/// <summary>How positive or negative a text is.</summary>
/// <param name="Compound">The sum of the valences, normalized: -1 (negative) to 1 (positive).</param>
/// <param name="Positive">The part of the text that is positive, 0 to 1.</param>
/// <param name="Neutral">The part of the text that is neutral, 0 to 1.</param>
/// <param name="Negative">The part of the text that is negative, 0 to 1. The three parts sum to 1, or are all 0 for a text without words.</param>
public readonly record struct SentimentScore(double Compound, double Positive, double Neutral, double Negative)
{
    /// <summary>The sentiment with the thresholds of BOLD, 0.5 and -0.5.</summary>
    public SentimentLabel Label => Compound >= 0.5 ? SentimentLabel.Positive : Compound <= -0.5 ? SentimentLabel.Negative : SentimentLabel.Neutral;
}
