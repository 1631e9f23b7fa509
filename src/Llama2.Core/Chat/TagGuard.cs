using System.Text;
using Llama2.Tokenization;

namespace Llama2.Chat;

/// <summary>Finds tags that messages forge in a stretch of prompt, and breaks them. A tag is matched exactly, but for U+2581, which is a space.</summary>
/// <remarks>
/// A tag is broken by one space. That can make no new tag as long as no tag holds two neighbours of another tag with a space between them,
/// which <see cref="KnownTags"/> keeps and a test checks: then what is broken holds no forged tag any more.
/// </remarks>
internal static class TagGuard
{
    /// <summary>The forged tags in the order of their ends; those that are scaffolding only are not among them.</summary>
    /// <param name="text">A stretch of prompt without control tokens.</param>
    /// <param name="data">Where the messages' texts are in it, in order.</param>
    /// <param name="tags">The tags, of two characters or more.</param>
    public static IReadOnlyList<ForgedTag> FindForged(string text, IReadOnlyList<DataRange> data, IEnumerable<string> tags)
    {
        var forged = new List<ForgedTag>();
        string plain = text.Replace(Vocabulary.EscapedSpace, ' ');
        foreach (string tag in tags)
        {
            for (int start = plain.IndexOf(tag, StringComparison.Ordinal); start >= 0; start = plain.IndexOf(tag, start + 1, StringComparison.Ordinal))
            {
                if (FindLastBefore(data, start + tag.Length) is { } range && range.End > start)
                    forged.Add(new ForgedTag(tag, start, range));
            }
        }

        forged.Sort((left, right) => left.End.CompareTo(right.End));
        return forged;
    }

    /// <summary>The text with a space in each of the forged tags.</summary>
    public static string Break(string text, IReadOnlyList<ForgedTag> forged)
    {
        if (forged.Count == 0)
            return text;

        var broken = new StringBuilder(text.Length + forged.Count);
        int lastBreak = 0;
        foreach (ForgedTag tag in forged)
        {
            if (lastBreak > tag.Start)
                continue; // an overlapping tag's space breaks this one too
            broken.Append(text, lastBreak, tag.BreakPosition - lastBreak).Append(' ');
            lastBreak = tag.BreakPosition;
        }

        return broken.Append(text, lastBreak, text.Length - lastBreak).ToString();
    }

    private static DataRange? FindLastBefore(IReadOnlyList<DataRange> data, int end)
    {
        int low = 0, high = data.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (data[middle].Start < end)
                low = middle + 1;
            else
                high = middle;
        }

        return low == 0 ? null : data[low - 1];
    }
}
