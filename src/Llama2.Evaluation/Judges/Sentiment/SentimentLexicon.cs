using System.Globalization;

namespace Llama2.Evaluation.Judges.Sentiment;

/// <summary>VADER's words and emoticons with their valences, -4 to 4. The licence is in THIRD-PARTY-NOTICES.txt.</summary>
internal static class SentimentLexicon
{
    private static readonly Lazy<Dictionary<string, double>> s_valences = new(Read);

    /// <summary>The valences of words in lower case.</summary>
    public static IReadOnlyDictionary<string, double> Valences => s_valences.Value;

    private static Dictionary<string, double> Read()
    {
        var valences = new Dictionary<string, double>(StringComparer.Ordinal);
        using Stream stream = typeof(SentimentLexicon).Assembly.GetManifestResourceStream("vader-lexicon.tsv")!;
        using var reader = new StreamReader(stream);
        while (reader.ReadLine() is { } line)
        {
            int tab = line.IndexOf('\t', StringComparison.Ordinal);
            valences[line[..tab]] = double.Parse(line.AsSpan(tab + 1), NumberStyles.Float, CultureInfo.InvariantCulture);
        }

        return valences;
    }
}
