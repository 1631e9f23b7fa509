using System.Globalization;
using System.Text;

namespace Llama2.Templating.Characters;

/// <summary>Strings and numbers of JSON as Python's <c>json.dumps</c> writes them.</summary>
internal static class JsonLiteral
{
    /// <summary>Appends a string in quotes.</summary>
    /// <param name="output">The JSON so far.</param>
    /// <param name="text">The string; unpaired surrogates are written like other characters.</param>
    /// <param name="isAscii">Whether all characters outside printable ASCII are escaped (<c>ensure_ascii</c>).</param>
    public static void AppendString(StringBuilder output, string text, bool isAscii)
    {
        output.Append('"');
        foreach (char character in text)
        {
            const string escaped = "\"\\\n\r\t\b\f", letters = "\"\\nrtbf";
            int index = escaped.IndexOf(character);
            _ = index >= 0 ? output.Append('\\').Append(letters[index])
                : character < ' ' || (isAscii && character > '~') ? output.Append(CultureInfo.InvariantCulture, $"\\u{(int)character:x4}")
                : output.Append(character);
        }

        output.Append('"');
    }

    /// <summary>A floating-point number as <c>repr</c> writes it or, beyond JSON's own grammar, <c>NaN</c>, <c>Infinity</c> or <c>-Infinity</c>.</summary>
    public static string Number(double value) =>
        double.IsFinite(value) ? DoubleText.Shortest(value) : double.IsNaN(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity";
}
