using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Llama2.Cli.Input;

/// <summary>Reads the text of a JSON string, even if the text has half of a surrogate pair.</summary>
internal static class JsonText
{
    /// <summary>Returns the text; half of a surrogate pair stays in it unchanged.</summary>
    /// <param name="value">A JSON string.</param>
    public static string Read(JsonElement value)
    {
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            // JSON may contain the escape of half of a surrogate pair (RFC 8259 §8.2), but System.Text.Json refuses to return such a text.
            return Unescape(value.GetRawText().AsSpan(1..^1));
        }
    }

    // The parser has checked that every escape is complete.
    private static string Unescape(ReadOnlySpan<char> raw)
    {
        var text = new StringBuilder(raw.Length);
        for (int i = 0; i < raw.Length; i++)
        {
            if (raw[i] != '\\')
            {
                text.Append(raw[i]);
                continue;
            }

            char kind = raw[++i];
            if (kind == 'u')
            {
                text.Append((char)ushort.Parse(raw.Slice(i + 1, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));
                i += 4;
                continue;
            }

            text.Append(kind switch { 'b' => '\b', 'f' => '\f', 'n' => '\n', 'r' => '\r', 't' => '\t', _ => kind });
        }

        return text.ToString();
    }
}
