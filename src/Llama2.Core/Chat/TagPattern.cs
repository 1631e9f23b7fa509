namespace Llama2.Chat;

/// <summary>
/// The search pattern of a tag: a number in it matches any number, because templates that number their turns write a different tag for each turn. If
/// the tag is a word between two line breaks, the pattern is the word, which must be a whole line.
/// </summary>
internal readonly struct TagPattern
{
    // The text, split at its numbers.
    private readonly string[]? _parts;
    private readonly string _text;

    /// <param name="tag">The tag.</param>
    public TagPattern(string tag)
    {
        IsLine = tag.Length > 2 && tag[0] == '\n' && tag[^1] == '\n';
        _text = IsLine ? tag[1..^1] : tag;
        _parts = _text.AsSpan().ContainsAnyInRange('0', '9') ? Generalize(_text).Split('0') : null;
    }

    /// <summary>Whether the tag is a word without symbols, which counts as a tag only if it is a whole line.</summary>
    public bool IsLine { get; }

    /// <summary>The tag with a zero in place of each of its numbers: the same for all tags that differ in numbers only.</summary>
    public static string Generalize(string tag)
    {
        if (!tag.AsSpan().ContainsAnyInRange('0', '9'))
            return tag;
        var characters = new List<char>(tag.Length);
        for (int i = 0; i < tag.Length; i++)
        {
            if (!char.IsAsciiDigit(tag[i]))
                characters.Add(tag[i]);
            else if (i == 0 || !char.IsAsciiDigit(tag[i - 1]))
                characters.Add('0');
        }

        return new string([.. characters]);
    }

    /// <summary>
    /// Finds the first match. If a number is at the edge of a tag, only the digit next to the rest of the tag is matched. The space that breaks the tag is
    /// inserted before the last matched character, and so separates the whole number from the rest of the tag. If the tag is a whole line, all digits are
    /// matched.
    /// </summary>
    /// <param name="text">The text.</param>
    /// <param name="from">The index at which the search begins.</param>
    /// <param name="start">The index of the first character of the match.</param>
    /// <param name="end">The index after the last character.</param>
    public bool TryFind(string text, int from, out int start, out int end)
    {
        if (_parts is null)
        {
            start = text.IndexOf(_text, from, StringComparison.Ordinal);
            end = start + _text.Length;
            return start >= 0;
        }

        // A tag never consists of a number alone.
        string anchor = _parts[0].Length > 0 ? _parts[0] : _parts[1];
        for (int found = text.IndexOf(anchor, from, StringComparison.Ordinal); found >= 0; found = text.IndexOf(anchor, found + 1, StringComparison.Ordinal))
        {
            bool beginsWithNumber = _parts[0].Length == 0;
            start = beginsWithNumber ? SkipBack(text, found) : found;
            if (start >= from && start < found == beginsWithNumber && TryMatch(text, found + anchor.Length, beginsWithNumber ? 2 : 1, out end))
                return true;
        }

        start = end = -1;
        return false;
    }

    private bool TryMatch(string text, int position, int firstPart, out int end)
    {
        end = position;
        for (int i = firstPart; i < _parts!.Length; i++)
        {
            int number = end;
            bool isLast = i == _parts.Length - 1 && _parts[i].Length == 0 && !IsLine;
            while (end < text.Length && char.IsAsciiDigit(text[end]) && !(isLast && end > number))
                end++;
            if (end == number || string.CompareOrdinal(text, end, _parts[i], 0, _parts[i].Length) != 0)
                return false;
            end += _parts[i].Length;
        }

        return true;
    }

    private int SkipBack(string text, int position)
    {
        int start = position;
        while (start > 0 && char.IsAsciiDigit(text[start - 1]) && (IsLine || start == position))
            start--;
        return start;
    }
}
