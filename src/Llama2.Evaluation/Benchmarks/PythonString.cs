using System.Text;

namespace Llama2.Evaluation.Benchmarks;

/// <summary>Methods of Python's texts, on which definitions of lm-evaluation-harness depend.</summary>
internal static class PythonString
{
    /// <summary><c>str.strip()</c>: removes white space at both ends. Python's white space also has the separators U+001C to U+001F.</summary>
    public static string Strip(string text)
    {
        int start = 0, end = text.Length;
        while (start < end && IsSpace(text[start]))
            start++;
        while (end > start && IsSpace(text[end - 1]))
            end--;
        return text[start..end];
    }

    /// <summary><c>str.capitalize()</c>: the first letter in upper case and all others in lower case.</summary>
    public static string Capitalize(string text)
    {
        if (text.Length == 0)
            return "";
        Rune first = Rune.GetRuneAt(text, 0);
        return Rune.ToUpperInvariant(first).ToString() + text[first.Utf16SequenceLength..].ToLowerInvariant();
    }

    private static bool IsSpace(char character) => char.IsWhiteSpace(character) || character is >= '\u001C' and <= '\u001F';
}
