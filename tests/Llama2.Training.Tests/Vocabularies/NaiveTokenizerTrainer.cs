using System.Text;

namespace Llama2.Training.Tests.Vocabularies;

/// <summary>
/// A slow reference implementation of <see cref="TokenizerTrainer"/>: it keeps all texts as lists of parts, counts all neighbouring parts anew before
/// each merge, and splits all texts into parts again, from their characters, after each merge.
/// </summary>
internal sealed class NaiveTokenizerTrainer
{
    private readonly HashSet<string> _characters;
    private readonly int _maxPieceLength;

    private NaiveTokenizerTrainer(string[] texts, int maxPieceLength)
    {
        _maxPieceLength = maxPieceLength;
        Rune[] all = [.. texts.SelectMany(text => Normalize(text).EnumerateRunes()).Where(rune => !Rune.IsControl(rune))];
        Alphabet = [.. all.GroupBy(rune => rune).OrderByDescending(group => group.Count()).ThenBy(group => group.Key).Select(group => group.Key.ToString())];
        _characters = [.. Alphabet];
    }

    public List<string> Alphabet { get; }

    public List<string> Merged { get; } = [];

    public static NaiveTokenizerTrainer Train(string[] texts, int mergeCount, int maxPieceLength)
    {
        var trainer = new NaiveTokenizerTrainer(texts, maxPieceLength);
        while (trainer.Merged.Count < mergeCount && trainer.FindBest(texts) is { } best)
            trainer.Merged.Add(best);
        return trainer;
    }

    /// <summary>
    /// Splits a text into parts: its characters, merged as long as two neighbours can be merged. The pair that comes first in <see cref="Merged"/> is
    /// merged first; of equal pairs, the leftmost.
    /// </summary>
    public List<string> Cut(string text)
    {
        List<string> parts = [.. Normalize(text).EnumerateRunes().Select(rune => rune.ToString())];
        foreach (int _ in Enumerable.Range(0, parts.Count))
        {
            int[] orders = [.. Enumerable.Range(0, parts.Count - 1).Select(i => Merged.IndexOf(parts[i] + parts[i + 1]))];
            if (orders.All(order => order < 0))
                break;
            int first = Array.IndexOf(orders, orders.Where(order => order >= 0).Min());
            parts[first] += parts[first + 1];
            parts.RemoveAt(first + 1);
        }

        return parts;
    }

    private string? FindBest(string[] texts)
    {
        var counts = new Dictionary<string, int>();
        foreach (List<string> parts in texts.Select(Cut))
        {
            for (int i = 0; i + 1 < parts.Count; i++)
            {
                string union = parts[i] + parts[i + 1];
                if (!IsAllowed(union))
                    continue;
                counts[union] = counts.GetValueOrDefault(union) + 1;
                // The next pair shares a part with this pair. If both would become the same piece, only one of the two can be merged.
                if (i + 2 < parts.Count && parts[i + 1] + parts[i + 2] == union)
                    i++;
            }
        }

        return counts.OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key.Length).ThenBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => pair.Key).FirstOrDefault();
    }

    private bool IsAllowed(string union)
    {
        string text = union.TrimStart('▁');
        return union.Length <= _maxPieceLength && union.Length - text.Length <= 1 && text.Length > 0 && !text.Contains('▁')
            && union.EnumerateRunes().All(rune => _characters.Contains(rune.ToString()))
            && (text.EnumerateRunes().All(IsLetter) || text.EnumerateRunes().All(rune => !IsLetter(rune) && !Rune.IsDigit(rune)));
    }

    private static bool IsLetter(Rune rune) => Rune.IsLetter(rune) || Rune.GetUnicodeCategory(rune).ToString().EndsWith("Mark", StringComparison.Ordinal);

    private static string Normalize(string text) => "▁" + text.Replace(' ', '▁');
}
