using Llama2.Templating;

namespace Llama2.Chat;

/// <summary>Trims as Python's <c>str.strip</c> does, in which the formats were written.</summary>
internal static class PythonWhitespace
{
    public static int CountLeading(ReadOnlySpan<char> text)
    {
        int count = 0;
        while (count < text.Length && PythonSpace.Is(text[count]))
            count++;
        return count;
    }

    public static ReadOnlySpan<char> TrimEnd(ReadOnlySpan<char> text)
    {
        int end = text.Length;
        while (end > 0 && PythonSpace.Is(text[end - 1]))
            end--;
        return text[..end];
    }
}
