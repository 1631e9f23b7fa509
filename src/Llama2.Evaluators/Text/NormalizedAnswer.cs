using System.Text;

namespace Llama2.Evaluators.Text;

/// <summary>
/// The words of an answer as SQuAD's evaluation script normalizes them: lower case, without ASCII punctuation, without articles, separated by white space.
/// </summary>
internal sealed record NormalizedAnswer
{
    // Python's string.punctuation.
    private const string Punctuation = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";
    private readonly string[] _words;

    public NormalizedAnswer(string text)
    {
        var kept = new StringBuilder(text.Length);
        foreach (char character in text.ToLowerInvariant())
        {
            if (!Punctuation.Contains(character))
                kept.Append(character);
        }

        _words = [.. kept.ToString().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Where(word => word is not ("a" or "an" or "the"))];
    }

    /// <summary>Whether the words of another answer occur in this one, one after the other.</summary>
    public bool Contains(NormalizedAnswer other) => other._words.Length > 0 && $" {this} ".Contains($" {other} ", StringComparison.Ordinal);

    /// <summary>
    /// The harmonic mean of precision and recall of the words, each counted as often as it occurs. If one of both has no words, 1 if both have none and 0
    /// otherwise.
    /// </summary>
    public double F1With(NormalizedAnswer other)
    {
        if (_words.Length == 0 || other._words.Length == 0)
            return _words.Length == other._words.Length ? 1 : 0;
        Dictionary<string, int> counts = other._words.CountBy(word => word).ToDictionary();
        int common = _words.CountBy(word => word).Sum(pair => Math.Min(pair.Value, counts.GetValueOrDefault(pair.Key)));
        return 2.0 * common / (_words.Length + other._words.Length);
    }

    public bool Equals(NormalizedAnswer? other) => other is not null && _words.SequenceEqual(other._words);

    public override int GetHashCode() => ToString().GetHashCode(StringComparison.Ordinal);

    public override string ToString() => string.Join(' ', _words);
}
