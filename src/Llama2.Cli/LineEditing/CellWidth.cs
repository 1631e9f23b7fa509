using System.Text;
using Spectre.Console;

namespace Llama2.Cli.LineEditing;

/// <summary>How many cells of a terminal a grapheme cluster takes.</summary>
internal static class CellWidth
{
    private const char EmojiPresentation = '\uFE0F';

    /// <summary>
    /// The width of a cluster. Terminals differ on emoji of several characters: some draw one of two cells, others each by itself. This is what the widest
    /// of them takes, so that a row never is too long; nothing else may depend on it.
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
