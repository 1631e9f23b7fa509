using System.Text;

namespace Llama2.Evaluation.Judges.Toxicity;

/// <summary>
/// Splits a text into words, and undoes common disguises: digits and signs in place of letters, repeated letters, and letters that are separated by spaces
/// or points. The time is linear in the text's length.
/// </summary>
internal static class ToxicTokens
{
    /// <summary>A longer word is not a disguised word of the lexicon.</summary>
    private const int MaxWordLength = 40;

    /// <summary>At least this many separated letters form a word; fewer are initials or items of a list.</summary>
    private const int MinSpelledLength = 4;

    private const int MaxSpelledLength = 12;

    public static List<ToxicToken> Split(string text)
    {
        var tokens = new List<ToxicToken>();
        for (int start = 0; start < text.Length;)
        {
            int end = start;
            while (end < text.Length && IsWordCharacter(text[end]))
                end++;
            if (end > start && end - start <= MaxWordLength)
                tokens.Add(Restore(text.AsSpan(start..end), start, end - start));
            start = Math.Max(end, start + 1);
        }

        return JoinSpelled(tokens);
    }

    private static bool IsWordCharacter(char character) => char.IsLetterOrDigit(character) || character is '@' or '$' or '*' or '\'' or '\u2019' or '!';

    private static ToxicToken Restore(ReadOnlySpan<char> word, int position, int length)
    {
        word = word.Trim("'\u2019!");
        bool hasLetter = word.IndexOfAnyInRange('a', 'z') >= 0 || word.IndexOfAnyInRange('A', 'Z') >= 0;
        var restored = new StringBuilder(word.Length);
        var shortened = new StringBuilder(word.Length);
        bool isStretched = false;
        foreach (char character in word)
        {
            char letter = char.ToLowerInvariant(hasLetter ? Letter(character) : character);
            if (letter == '\'')
                continue;
            bool isThird = letter != '*' && restored.Length > 1 && restored[^1] == letter && restored[^2] == letter;
            isStretched |= isThird;
            if (!isThird)
                restored.Append(letter);
            if (shortened.Length == 0 || shortened[^1] != letter)
                shortened.Append(letter);
        }

        return new ToxicToken(restored.ToString(), isStretched ? shortened.ToString() : null, position, length);
    }

    // The letter for which a character stands in a word that has other letters.
    private static char Letter(char character) => character switch
    {
        '0' => 'o',
        '1' or '!' => 'i',
        '3' => 'e',
        '4' or '@' => 'a',
        '5' or '$' => 's',
        '7' => 't',
        '\u2019' => '\'',
        _ => character,
    };

    // "i d i o t" becomes one word. In "a m o r o n" the first letter may be a separate word, so the rest becomes a second candidate.
    private static List<ToxicToken> JoinSpelled(List<ToxicToken> tokens)
    {
        var joined = new List<ToxicToken>(tokens.Count);
        for (int start = 0; start < tokens.Count;)
        {
            int end = start;
            while (end < tokens.Count && end - start < MaxSpelledLength && tokens[end].Length == 1 && (end == start || tokens[end].Position - tokens[end - 1].Position == 2))
                end++;
            if (end - start >= MinSpelledLength)
            {
                string word = string.Concat(tokens.GetRange(start, end - start).Select(token => token.Text));
                int wordEnd = tokens[end - 1].Position + 1;
                joined.Add(Restore(word, tokens[start].Position, wordEnd - tokens[start].Position));
                if (end - start > MinSpelledLength && word[0] is 'a' or 'i' or 'u')
                    joined.Add(Restore(word.AsSpan(1), tokens[start + 1].Position, wordEnd - tokens[start + 1].Position));
            }
            else
            {
                end = Math.Max(end, start + 1);
                joined.AddRange(tokens.GetRange(start, end - start));
            }

            start = end;
        }

        return joined;
    }
}
