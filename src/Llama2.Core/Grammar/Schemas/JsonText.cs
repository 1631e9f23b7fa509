using System.Text;

namespace Llama2.Grammar.Schemas;

/// <summary>The text between the quotes of a JSON string.</summary>
internal static class JsonText
{
    /// <summary>Writes a text with as few escapes as possible, in UTF-8.</summary>
    public static byte[] Escape(string text)
    {
        var escaped = new StringBuilder(text.Length);
        foreach (char character in text)
        {
            _ = character switch
            {
                '"' or '\\' => escaped.Append('\\').Append(character),
                '\b' => escaped.Append("\\b"),
                '\f' => escaped.Append("\\f"),
                '\n' => escaped.Append("\\n"),
                '\r' => escaped.Append("\\r"),
                '\t' => escaped.Append("\\t"),
                < ' ' => escaped.Append(System.Globalization.CultureInfo.InvariantCulture, $"\\u{(int)character:x4}"),
                _ => escaped.Append(character),
            };
        }

        return Encoding.UTF8.GetBytes(escaped.ToString());
    }
}
