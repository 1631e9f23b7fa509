using System.Globalization;
using System.Text;

namespace Llama2.Tests.Grammar.Characters;

/// <summary>Writes texts as the content of JSON strings; for each character it chooses one of its possible spellings at random.</summary>
internal static class JsonSpelling
{
    public static string Write(string text, Random random)
    {
        var written = new StringBuilder();
        foreach (Rune rune in text.EnumerateRunes())
        {
            int letter = "\"\\/\b\f\n\r\t".IndexOf((char)rune.Value, StringComparison.Ordinal);
            bool mustEscape = rune.Value < 0x20 || rune.Value is '"' or '\\';
            if (rune.Value <= 0xFFFF && letter >= 0 && (mustEscape || random.Next(2) == 0) && (rune.Value >= 0x20 || random.Next(2) == 0))
                written.Append('\\').Append("\"\\/bfnrt"[letter]);
            else if (rune.Value < 0x20 || (rune.Value >= 0x7F && random.Next(2) == 0))
                written.Append(Hex(rune, random));
            else
                written.Append(rune);
        }

        return written.ToString();
    }

    private static string Hex(Rune rune, Random random) => string.Concat(rune.ToString().Select(unit =>
        "\\u" + ((int)unit).ToString(random.Next(2) == 0 ? "x4" : "X4", CultureInfo.InvariantCulture)));
}
