using System.Buffers;
using System.Globalization;
using System.Text;

namespace Llama2.Cli.Output;

/// <summary>
/// Makes external text safe for a terminal. A file's metadata or a model's output may contain control sequences, which would change colours, the
/// window title or the screen.
/// </summary>
internal static class PrintableText
{
    private static readonly SearchValues<char> s_controls = SearchValues.Create([.. Enumerable.Range(0, 256).Select(code => (char)code).Where(char.IsControl)]);

    /// <summary>Returns the text as one line, with its control characters written as escapes.</summary>
    public static string SingleLine(string text) => Escape(text, keepsLayout: false);

    /// <summary>Returns the text with its line breaks and tabs; other control characters are written as escapes.</summary>
    public static string Lines(string text) => Escape(text, keepsLayout: true);

    /// <summary>Returns the text as one line, shortened to a maximum length.</summary>
    public static string Shorten(string text, int maxLength) =>
        SingleLine(text.Length <= maxLength ? text : string.Concat(text.AsSpan(0, char.IsHighSurrogate(text[maxLength - 1]) ? maxLength - 1 : maxLength), "…"));

    private static string Escape(string text, bool keepsLayout)
    {
        if (!text.AsSpan().ContainsAny(s_controls))
            return text;

        var result = new StringBuilder(text.Length + 16);
        foreach (char character in text)
        {
            _ = character switch
            {
                '\n' or '\t' when keepsLayout => result.Append(character),
                '\n' => result.Append("\\n"),
                '\r' => result.Append("\\r"),
                '\t' => result.Append("\\t"),
                _ when char.IsControl(character) => result.Append(CultureInfo.InvariantCulture, $"\\u{(int)character:x4}"),
                _ => result.Append(character),
            };
        }

        return result.ToString();
    }
}
