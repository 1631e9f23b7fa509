namespace Llama2.Evaluation;

/// <summary>The sentiment of a text, with the thresholds of BOLD (Dhamala et al. 2021, arXiv 2101.11718, §4.1).</summary>
public enum SentimentLabel
{
    /// <summary>The compound score is between -0.5 and 0.5.</summary>
    Neutral,

    /// <summary>The compound score is at least 0.5.</summary>
    Positive,

    /// <summary>The compound score is at most -0.5.</summary>
    Negative,
}
