using System.Collections.Frozen;
using System.Globalization;
using System.Text;

namespace Llama2.Guard.Text;

/// <summary>
/// Maps characters that look alike, or that Unicode declares compatible, to the same characters. .NET's own normalization cannot be used, because it
/// returns every text unchanged in applications with invariant globalization.
/// </summary>
internal static partial class CharacterFolding
{
    private static readonly FrozenDictionary<int, string> s_targets = ReadTable();

    // Characters without width that are not in the categories of IsIgnorable: fillers of Hangul, and the empty pattern of Braille.
    private static readonly int[] s_blanks = [0x115F, 0x1160, 0x2800, 0x3164, 0xFFA0];

    /// <summary>The printable ASCII characters that a character folds to, in lower case; null if it folds to its own lower case.</summary>
    public static string? TargetOf(Rune rune) => s_targets.GetValueOrDefault(rune.Value);

    /// <summary>Whether a character has no width of its own, so that it hides within a word: format characters and combining marks.</summary>
    public static bool IsIgnorable(Rune rune) => !rune.IsAscii && (
        Rune.GetUnicodeCategory(rune) is UnicodeCategory.Format or UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark || s_blanks.Contains(rune.Value));

    private static FrozenDictionary<int, string> ReadTable()
    {
        var targets = new Dictionary<int, string>();
        foreach (string entry in Table.Split('\t', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] parts = entry.Split(' ');
            int first = int.Parse(parts[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            int count = int.Parse(parts[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            for (int i = 0; i < count; i++)
                targets.Add(first + i, parts[2] == "0" ? parts[3] : ((char)(parts[3][0] + i)).ToString());
        }

        return targets.ToFrozenDictionary();
    }
}
