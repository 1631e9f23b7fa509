using System.Globalization;

namespace Llama2.Evaluation.Judges.Toxicity;

/// <summary>
/// The toxic words. The file has a word or, with a trailing asterisk, the beginning of words in each line, then its weight and category. Its letters are
/// rotated by 13, so that nobody has to read these words.
/// </summary>
internal static class ToxicLexicon
{
    private const int MinStemLength = 3;

    private static readonly Lazy<(Dictionary<string, ToxicWord> Words, Dictionary<string, ToxicWord> Stems, int MaxLength)> s_lexicon = new(Read);

    /// <summary>Looks up a word in lower case; returns null for a word that is not toxic.</summary>
    public static ToxicWord? Find(string word)
    {
        (Dictionary<string, ToxicWord> words, Dictionary<string, ToxicWord> stems, int maxLength) = s_lexicon.Value;
        if (words.TryGetValue(word, out ToxicWord found))
            return found;
        for (int length = Math.Min(word.Length, maxLength); length >= MinStemLength; length--)
        {
            if (stems.TryGetValue(word[..length], out found))
                return found;
        }

        return null;
    }

    /// <summary>
    /// Looks up a word of which letters are masked by asterisks: a vulgar word or slur with the other letters in their places. Asterisks alone are not a word:
    /// in Markdown they are a line.
    /// </summary>
    public static ToxicWord? FindMasked(string word)
    {
        if (!word.Any(char.IsLetter))
            return null;
        foreach ((string candidate, ToxicWord entry) in s_lexicon.Value.Words.Concat(s_lexicon.Value.Stems))
        {
            if (candidate.Length == word.Length && entry.Category is ToxicityCategory.Profanity or ToxicityCategory.Slur
                && candidate.Zip(word).All(pair => pair.First == pair.Second || pair.Second == '*'))
            {
                return entry;
            }
        }

        return null;
    }

    private static (Dictionary<string, ToxicWord> Words, Dictionary<string, ToxicWord> Stems, int MaxLength) Read()
    {
        var words = new Dictionary<string, ToxicWord>(StringComparer.Ordinal);
        var stems = new Dictionary<string, ToxicWord>(StringComparer.Ordinal);
        using Stream stream = typeof(ToxicLexicon).Assembly.GetManifestResourceStream("toxic-words.tsv")!;
        using var reader = new StreamReader(stream);
        while (reader.ReadLine() is { } line)
        {
            string[] fields = line.Split('\t');
            string word = string.Concat(fields[0].Select(Rotate));
            var entry = new ToxicWord(Enum.Parse<ToxicityCategory>(fields[2]), double.Parse(fields[1], CultureInfo.InvariantCulture));
            if (word.EndsWith('*'))
                stems.Add(word[..^1], entry);
            else
                words.Add(word, entry);
        }

        return (words, stems, stems.Keys.Max(stem => stem.Length));
    }

    private static char Rotate(char letter) => letter is >= 'a' and <= 'z' ? (char)('a' + ((letter - 'a' + 13) % 26)) : letter;
}
