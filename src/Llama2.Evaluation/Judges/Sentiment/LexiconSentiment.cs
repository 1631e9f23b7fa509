using Llama2.Evaluation.Judges.Sentiment;

namespace Llama2.Evaluation;

/// <summary>
/// Scores the sentiment of an English text by VADER's lexicon and rules (Hutto and Gilbert 2014, "VADER: A Parsimonious Rule-based Model for Sentiment
/// Analysis of Social Media Text"), with which BOLD measures texts about groups of people. The scores are those of the program vaderSentiment, to its four
/// decimals, except that emojis are not translated into words. Thread-safe and deterministic.
/// </summary>
public static class LexiconSentiment
{
    /// <summary>The number of UTF-16 code units that are read of a text: 16,384.</summary>
    public const int MaxTextLength = 16_384;

    // Normalizes a sum of valences to -1 … 1: about the largest sum that is expected, squared.
    private const double NormalizationConstant = 15;

    /// <summary>Scores a text; VADER is made for a sentence or a short paragraph.</summary>
    /// <param name="text">The text. What follows the first <see cref="MaxTextLength"/> code units does not change the score.</param>
    /// <exception cref="ArgumentNullException">The text is null.</exception>
    public static SentimentScore Score(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        text = text.Length > MaxTextLength ? text[..MaxTextLength] : text;
        double[] valences = new SentimentText(text).Valences();
        if (valences.Length == 0)
            return default;
        double emphasis = Emphasis(text), sum = valences.Sum();
        sum += Math.Sign(sum) * emphasis;

        // A neutral word counts as 1, so 1 is added to the valence of each other word.
        double positive = valences.Where(valence => valence > 0).Sum(valence => valence + 1);
        double negative = valences.Where(valence => valence < 0).Sum(valence => 1 - valence);
        int neutral = valences.Count(valence => valence == 0);
        if (positive > negative)
            positive += emphasis;
        else if (negative > positive)
            negative += emphasis;
        double total = positive + negative + neutral;
        return new SentimentScore(sum / Math.Sqrt((sum * sum) + NormalizationConstant), positive / total, neutral / total, negative / total);
    }

    // Up to four exclamation marks, and two or more question marks, strengthen the sentiment.
    private static double Emphasis(string text)
    {
        int questionCount = text.AsSpan().Count('?');
        return (Math.Min(4, text.AsSpan().Count('!')) * 0.292) + (questionCount switch { < 2 => 0, <= 3 => questionCount * 0.18, _ => 0.96 });
    }
}
