using System.Text;

namespace Llama2.Guard.Text;

/// <summary>
/// Views of a text in which different spellings of the same words become equal. Each view is computed in one pass, and its length is at most four times
/// that of the text.
/// </summary>
internal static class TextViews
{
    // Signs that stand for letters within words, such as in p@$$word.
    private const string Signs = "@$!|+";

    /// <summary>
    /// The text without zero-width characters, and with wide or otherwise styled signs and digits as ASCII; letters keep their case. Secrets, numbers and
    /// addresses are looked for in this view.
    /// </summary>
    public static MappedText Compatible(string text)
    {
        if (Ascii.IsValid(text))
            return new MappedText(text);
        var view = new MappedTextBuilder(text.Length);
        int position = 0;
        foreach (Rune rune in text.EnumerateRunes())
        {
            int end = position + rune.Utf16SequenceLength;
            if (!CharacterFolding.IsIgnorable(rune))
                view.Append(rune.IsAscii || CharacterFolding.TargetOf(rune) is not { } target ? text.AsSpan(position, end - position) : target, position, end);
            position = end;
        }

        return view.ToMappedText();
    }

    /// <summary>The words in folded lower case, with one space between them and none around them.</summary>
    /// <param name="text">The text.</param>
    /// <param name="keepSigns">Whether signs that can stand for letters (<c>@</c>, <c>$</c>, <c>!</c> …) are parts of words.</param>
    public static MappedText Words(string text, bool keepSigns)
    {
        var view = new MappedTextBuilder(text.Length);
        Span<char> buffer = stackalloc char[2];
        bool isSeparated = false;
        int position = 0;
        foreach (Rune rune in text.EnumerateRunes())
        {
            int end = position + rune.Utf16SequenceLength;
            if (!CharacterFolding.IsIgnorable(rune))
            {
                ReadOnlySpan<char> folded = Fold(rune, buffer);
                foreach (char character in folded)
                {
                    bool isInWord = char.IsLetterOrDigit(character) || char.IsSurrogate(character) || (keepSigns && Signs.Contains(character));
                    if (isInWord)
                    {
                        if (isSeparated && view.Length > 0)
                            view.Append(' ', position, position);
                        view.Append(character, position, end);
                    }

                    isSeparated = !isInWord;
                }
            }

            position = end;
        }

        return view.ToMappedText();
    }

    /// <summary>
    /// The words, of which those that are spelled out, such as <c>w o r d</c> or <c>w.o.r.d</c>, are joined: each row of three or more single characters becomes one word.
    /// </summary>
    /// <param name="words">What <see cref="Words"/> returned.</param>
    /// <returns>The view; the same object if no word is spelled out.</returns>
    public static MappedText Spelled(MappedText words) => Spelled(words, null);

    /// <summary>
    /// The views of an unfinished text: its last row of single characters may become a word with the next ones, however short it is, and its last character may
    /// be the first one of another word.
    /// </summary>
    /// <param name="words">What <see cref="Words"/> returned.</param>
    public static IEnumerable<MappedText> SpelledSoFar(MappedText words) => [Spelled(words, 0), Spelled(words, 1)];

    // The row at the end of the text may be joined without its last characters, and is then joined even if it is short.
    private static MappedText Spelled(MappedText words, int? omitted)
    {
        string text = words.Text;
        var view = new MappedTextBuilder(text.Length);
        for (int position = 0; position < text.Length;)
        {
            int count = 0;
            while (IsSingle(text, position + (2 * count)))
                count++;
            bool isJoined = count >= 3;
            if (omitted is int last && count > last && position + (2 * count) > text.Length)
            {
                count -= last;
                isJoined = true;
            }

            // The characters of a row are at every second position; other words are copied with the space after them.
            int end = text.IndexOf(' ', position);
            end = isJoined ? position + (2 * count) : end < 0 ? text.Length : end + 1;
            for (int i = position; i < Math.Min(end, text.Length); i++)
            {
                (int start, int length) = words.ToOriginal(i, 1);
                if (!isJoined || text[i] != ' ' || i == end - 1)
                    view.Append(text[i], start, start + length);
                else
                    view.Join();
            }

            position = end;
        }

        return view.Length == text.Length ? words : view.ToMappedText();
    }

    /// <summary>All characters in folded lower case, without white space and zero-width characters. Tags of prompts are looked for in this view.</summary>
    public static MappedText Dense(string text)
    {
        var view = new MappedTextBuilder(text.Length);
        Span<char> buffer = stackalloc char[2];
        int position = 0;
        foreach (Rune rune in text.EnumerateRunes())
        {
            int end = position + rune.Utf16SequenceLength;
            if (!Rune.IsWhiteSpace(rune) && !Rune.IsControl(rune) && !CharacterFolding.IsIgnorable(rune))
                view.Append(Fold(rune, buffer), position, end);
            position = end;
        }

        return view.ToMappedText();
    }

    private static ReadOnlySpan<char> Fold(Rune rune, Span<char> buffer)
    {
        if (!rune.IsAscii && CharacterFolding.TargetOf(rune) is { } target)
            return target;
        return buffer[..Rune.ToLowerInvariant(rune).EncodeToUtf16(buffer)];
    }

    private static bool IsSingle(string text, int position) =>
        position < text.Length && text[position] != ' ' && (position + 1 == text.Length || text[position + 1] == ' ');
}
