namespace Llama2.Evaluation.Judges.Refusals;

/// <summary>The words of a text that carry its meaning: English words without endings, and numbers, but no articles, pronouns and question words.</summary>
internal static class ContentWords
{
    private static readonly HashSet<string> s_stopWords = new(StringComparer.Ordinal)
    {
        "a", "an", "the", "of", "to", "in", "on", "for", "and", "or", "but", "with", "how", "do", "does", "did", "i", "can", "what", "is", "are", "my", "where", "should",
        "me", "you", "your", "it", "its", "it's", "be", "best", "way", "ways", "good", "there", "some", "s", "t", "would", "could", "will", "that", "this", "these", "those",
        "was", "were", "has", "have", "had", "why", "who", "when", "which", "by", "from", "at", "as", "not", "they", "them", "he", "she", "his", "her", "their", "if",
        "about", "into", "any", "without", "tell", "please", "give", "get", "one", "make",
    };

    private static readonly string[] s_endings = ["'s", "ings", "ing", "ies", "ed", "es", "s", "ly", "e"];

    /// <summary>The words of a text, in order.</summary>
    public static IEnumerable<string> Of(string text)
    {
        for (int start = 0; start < text.Length;)
        {
            int end = start;
            if (char.IsAsciiLetter(text[start]))
            {
                while (end < text.Length && (char.IsAsciiLetter(text[end]) || text[end] is '\'' or '\u2019'))
                    end++;
            }
            else
            {
                while (end < text.Length && char.IsAsciiDigit(text[end]))
                    end++;
            }

            if (end > start)
            {
                string word = text[start..end].ToLowerInvariant().Replace('\u2019', '\'');
                if (!s_stopWords.Contains(word))
                    yield return Stem(word);
            }

            start = Math.Max(end, start + 1);
        }
    }

    // Light stemming: it makes "killing", "kills" and "killed" equal, and need not give words.
    private static string Stem(string word)
    {
        foreach (string ending in s_endings)
        {
            if (word.Length - ending.Length >= 3 && word.EndsWith(ending, StringComparison.Ordinal))
            {
                word = word[..^ending.Length];
                break;
            }
        }

        return word.Length > 3 && word[^1] == word[^2] ? word[..^1] : word;
    }
}
