namespace Llama2.Evaluation.Scoring.Similarity;

/// <summary>Counts sequences of n words or characters.</summary>
internal static class NGrams
{
    /// <summary>How often each sequence of <paramref name="length"/> words occurs; words are separated by a space, which no word may contain.</summary>
    public static Dictionary<string, int> OfWords(ReadOnlySpan<string> words, int length)
    {
        var counts = new Dictionary<string, int>();
        for (int i = 0; i + length <= words.Length; i++)
            Add(counts, string.Join(' ', words.Slice(i, length)));
        return counts;
    }

    /// <summary>How often each sequence of <paramref name="length"/> Unicode characters (code points) occurs.</summary>
    public static Dictionary<string, int> OfCharacters(string text, int length)
    {
        var starts = new List<int>(text.Length + 1);
        int position = 0;
        foreach (System.Text.Rune character in text.EnumerateRunes())
        {
            starts.Add(position);
            position += character.Utf16SequenceLength;
        }

        starts.Add(text.Length);
        var counts = new Dictionary<string, int>();
        for (int i = 0; i + length < starts.Count; i++)
            Add(counts, text[starts[i]..starts[i + length]]);
        return counts;
    }

    /// <summary>The number of sequences that both have; each counts as often as in the text in which it is rarer.</summary>
    public static int CountShared(Dictionary<string, int> first, Dictionary<string, int> second)
        => first.Sum(pair => Math.Min(pair.Value, second.GetValueOrDefault(pair.Key)));

    private static void Add(Dictionary<string, int> counts, string sequence)
        => counts[sequence] = counts.GetValueOrDefault(sequence) + 1;
}
