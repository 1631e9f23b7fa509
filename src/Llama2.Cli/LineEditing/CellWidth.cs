using System.Text;
using Spectre.Console;

namespace Llama2.Cli.LineEditing;

/// <summary>The number of terminal cells that a grapheme cluster takes.</summary>
internal static class CellWidth
{
    private const char EmojiPresentation = '\uFE0F';

    /// <summary>
    /// The width of a cluster. Terminals draw an emoji that consists of several characters differently: some draw one emoji of two cells, others draw
    /// each character separately. The result is the larger of these widths, so that a row is never too long. The terminal may therefore use fewer
    /// cells than the result.
    /// </summary>
    public static int Of(ReadOnlySpan<char> cluster)
    {
        if (cluster is [>= ' ' and <= '~'])
            return 1;
        int width = 0;
        foreach (Rune rune in cluster.EnumerateRunes())
            width += rune.ToString().GetCellWidth();
        return cluster.Contains(EmojiPresentation) ? Math.Max(2, width) : width;
    }
}
