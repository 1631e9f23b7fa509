using System.Text.RegularExpressions;

namespace Llama2.Evaluation.Benchmarks.Reading;

/// <summary>Compares answers as the official scripts of SQuAD do (<c>evaluate-v1.1.py</c>, <c>evaluate-v2.0.py</c>).</summary>
internal static partial class SquadAnswer
{
    private const string Punctuation = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";

    /// <summary>The words of an answer in lower case, without punctuation and articles, with one space between them.</summary>
    public static string Normalize(string answer)
        => string.Join(' ', Words(Articles().Replace(string.Concat(answer.ToLowerInvariant().Where(character => !Punctuation.Contains(character))), " ")));

    /// <summary>Whether an answer is one of the right ones, after normalization: 0 or 1.</summary>
    public static double Exact(string answer, IReadOnlyList<string> right) => right.Any(item => Normalize(item) == Normalize(answer)) ? 1 : 0;

    /// <summary>The greatest harmonic mean of precision and recall of the answer's words, over the right answers: 0 to 1.</summary>
    public static double F1(string answer, IReadOnlyList<string> right) => right.Max(item => F1(Words(Normalize(item)), Words(Normalize(answer))));

    private static double F1(string[] right, string[] words)
    {
        if (right.Length == 0 || words.Length == 0)
            return right.Length == words.Length ? 1 : 0;
        Dictionary<string, int> counts = right.GroupBy(word => word).ToDictionary(group => group.Key, group => group.Count());
        int commonCount = words.GroupBy(word => word).Sum(group => Math.Min(group.Count(), counts.GetValueOrDefault(group.Key)));
        if (commonCount == 0)
            return 0;
        double precision = (double)commonCount / words.Length, recall = (double)commonCount / right.Length;
        return 2 * precision * recall / (precision + recall);
    }

    // Without a separator, Split separates at white space.
    private static string[] Words(string text) => text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);

    [GeneratedRegex(@"\b(a|an|the)\b", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant)]
    private static partial Regex Articles();
}
