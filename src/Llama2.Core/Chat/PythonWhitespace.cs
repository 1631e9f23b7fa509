namespace Llama2.Chat;

/// <summary>Trims as Python's <c>str.strip</c> does, in which the formats were written: U+001C to U+001F are whitespace too.</summary>
internal static class PythonWhitespace
{
    public static bool IsWhitespace(char character) => char.IsWhiteSpace(character) || character is >= '\u001C' and <= '\u001F';

    public static int CountLeading(ReadOnlySpan<char> text)
    {
        int count = 0;
        while (count < text.Length && IsWhitespace(text[count]))
            count++;
        return count;
    }

    public static ReadOnlySpan<char> TrimEnd(ReadOnlySpan<char> text)
    {
        int end = text.Length;
        while (end > 0 && IsWhitespace(text[end - 1]))
            end--;
        return text[..end];
    }
}
