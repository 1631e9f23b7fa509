using System.Globalization;
using System.Text;

namespace Llama2.Evaluation.Reports.Pages;

/// <summary>Texts of unknown origin as text of a page.</summary>
internal static class PageText
{
    /// <summary>
    /// Writes a text: the characters of markup are escaped, and characters that cannot be seen but change the text around them (control characters, marks of
    /// the direction of writing) are replaced by their number in brackets.
    /// </summary>
    public static void Write(StringBuilder output, ReadOnlySpan<char> text)
    {
        foreach (Rune rune in text.EnumerateRunes())
        {
            switch (rune.Value)
            {
                case '<':
                    output.Append("&lt;");
                    break;
                case '>':
                    output.Append("&gt;");
                    break;
                case '&':
                    output.Append("&amp;");
                    break;
                case '"':
                    output.Append("&quot;");
                    break;
                case '\'':
                    output.Append("&#39;");
                    break;
                case '\n' or '\t':
                    output.Append((char)rune.Value);
                    break;
                case '\r':
                    break;
                default:
                    if (IsInvisible(rune))
                        output.Append(CultureInfo.InvariantCulture, $"[U+{rune.Value:X4}]");
                    else
                        output.Append(CultureInfo.InvariantCulture, $"{rune}");
                    break;
            }
        }
    }

    /// <summary>The beginning of a text, at most about <paramref name="maxLength"/> UTF-16 units, with the number of characters that are left out.</summary>
    public static string Shorten(string text, int maxLength)
        => text.Length <= maxLength ? text : string.Create(CultureInfo.InvariantCulture, $"{Head(text, maxLength)} … ({text.Length - maxLength:N0} of {text.Length:N0} characters are left out)");

    /// <summary>The end of a text, with the number of characters that are left out.</summary>
    public static string ShortenStart(string text, int maxLength)
        => text.Length <= maxLength ? text : string.Create(CultureInfo.InvariantCulture, $"({text.Length - maxLength:N0} of {text.Length:N0} characters are left out) … {Tail(text, maxLength)}");

    private static ReadOnlySpan<char> Head(string text, int length) => text.AsSpan(0, char.IsHighSurrogate(text[length - 1]) ? length - 1 : length);

    private static ReadOnlySpan<char> Tail(string text, int length) => text.AsSpan(text.Length - (char.IsLowSurrogate(text[^length]) ? length - 1 : length));

    // Marks of direction are in Bidi_Control of Unicode 16; separators of lines break lines where HTML does not.
    private static bool IsInvisible(Rune rune)
        => Rune.IsControl(rune) || rune.Value is 0x061C or 0x200B or (>= 0x200E and <= 0x200F) or (>= 0x2028 and <= 0x202E) or (>= 0x2060 and <= 0x206F) or 0xFEFF or (>= 0xE0000 and <= 0xE007F) or (>= 0xFFFE and <= 0xFFFF);
}
