using System.Text;

namespace Llama2.Cli.LineEditing;

/// <summary>Makes external text suitable for a message, and for a terminal that shows it during editing.</summary>
internal static class PastedText
{
    /// <summary>The text with line feeds as its only line breaks, without control characters other than these and tabs; a lone surrogate becomes U+FFFD.</summary>
    public static string Clean(string text)
    {
        var clean = new StringBuilder(text.Length);
        foreach (Rune rune in text.ReplaceLineEndings("\n").EnumerateRunes())
        {
            if (rune.Value is '\n' or '\t' || !Rune.IsControl(rune))
                clean.Append(rune);
        }

        return clean.ToString();
    }
}
