using System.Text;

namespace Llama2.Evaluation.Reports;

/// <summary>Names of models, tasks and styles as text of Markdown.</summary>
internal static class MarkdownText
{
    /// <summary>
    /// Escapes a text for a line or a table's cell: it cannot end the cell or begin markup. Underscores inside words, as in <c>acc_norm</c>, are not
    /// markup, and stay unchanged.
    /// </summary>
    public static string Escape(string text)
    {
        var escaped = new StringBuilder(text.Length);
        for (int i = 0; i < text.Length; i++)
        {
            char character = text[i];
            bool isMarkup = character is '\\' or '|' or '`' or '[' or '*' or '~' || (character == '_' && !IsInsideWord(text, i));
            _ = character switch
            {
                '<' => escaped.Append("&lt;"),
                '&' => escaped.Append("&amp;"),
                _ when isMarkup => escaped.Append('\\').Append(character),
                _ when char.IsControl(character) => escaped.Append(' '),
                _ => escaped.Append(character),
            };
        }

        return escaped.ToString();
    }

    private static bool IsInsideWord(string text, int index)
        => index > 0 && index < text.Length - 1 && char.IsLetterOrDigit(text[index - 1]) && char.IsLetterOrDigit(text[index + 1]);
}
