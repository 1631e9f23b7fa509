namespace Llama2.Templating.Characters;

/// <summary>White space as defined by Python's <c>str.strip</c>: Unicode's white space and the four information separators.</summary>
internal static class PythonSpace
{
    public static bool Is(char character) => char.IsWhiteSpace(character) || character is >= '\x1c' and <= '\x1f';

    /// <summary>The number of white-space characters at the start of a text.</summary>
    public static int CountLeading(ReadOnlySpan<char> text)
    {
        int count = 0;
        while (count < text.Length && Is(text[count]))
            count++;
        return count;
    }

    /// <summary>A text without the white space at its end.</summary>
    public static ReadOnlySpan<char> TrimEnd(ReadOnlySpan<char> text)
    {
        int end = text.Length;
        while (end > 0 && Is(text[end - 1]))
            end--;
        return text[..end];
    }

    /// <summary>A text without the white space at its ends.</summary>
    public static ReadOnlySpan<char> Trim(ReadOnlySpan<char> text) => TrimEnd(text[CountLeading(text)..]);

    /// <summary>Whether a text is empty or has only white space.</summary>
    public static bool IsBlank(ReadOnlySpan<char> text) => CountLeading(text) == text.Length;

    /// <summary>Whether Python's <c>splitlines</c> ends a line at this character.</summary>
    public static bool IsLineBreak(char character) => character is >= '\n' and <= '\r' or >= '\x1c' and <= '\x1e' or '\x85' or '\u2028' or '\u2029';
}
