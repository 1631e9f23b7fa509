namespace Llama2.Templating;

/// <summary>White space as Python sees it: Unicode's, and the four information separators.</summary>
internal static class PythonSpace
{
    public static bool Is(char character) => char.IsWhiteSpace(character) || character is >= '\x1c' and <= '\x1f';

    /// <summary>Whether Python's <c>splitlines</c> ends a line here.</summary>
    public static bool IsLineBreak(char character) => character is >= '\n' and <= '\r' or >= '\x1c' and <= '\x1e' or '\x85' or '\u2028' or '\u2029';
}
