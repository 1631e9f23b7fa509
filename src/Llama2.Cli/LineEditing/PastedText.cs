using System.Text;

namespace Llama2.Cli.LineEditing;

/// <summary>Converts pasted text to text that a message may contain and that a terminal can show while the text is edited.</summary>
internal static class PastedText
{
    /// <summary>
    /// Returns the text with line feeds as its only line breaks, and without control characters other than line feeds and tabs. Half of a surrogate
    /// pair becomes U+FFFD.
    /// </summary>
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
