using System.Globalization;
using System.Text;
using System.Text.Json;
using Llama2.Cli.Terminal;

namespace Llama2.Cli.Input;

/// <summary>One line of a tokenizer's input: a JSON object with a text.</summary>
internal static class TextLine
{
    /// <summary>The value of <c>text</c>; other members are ignored.</summary>
    /// <exception cref="CommandException">The line is not UTF-8, not JSON, or JSON with another shape or with very many short values.</exception>
    public static string Parse(ReadOnlyMemory<byte> line)
    {
        using JsonDocument document = JsonLine.Parse(line);
        if (document.RootElement.ValueKind != JsonValueKind.Object
            || !document.RootElement.TryGetProperty("text"u8, out JsonElement text)
            || text.ValueKind != JsonValueKind.String)
        {
            throw new CommandException("not an object with a string \"text\".");
        }

        try
        {
            return text.GetString()!;
        }
        catch (InvalidOperationException)
        {
            // JSON may escape half of a surrogate pair (RFC 8259 §8.2); System.Text.Json refuses to give such a text.
            return Unescape(text.GetRawText().AsSpan(1..^1));
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
