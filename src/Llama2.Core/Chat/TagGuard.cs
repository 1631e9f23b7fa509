namespace Llama2.Chat;

/// <summary>
/// Finds tags that messages forge in a stretch of prompt, and where to break them. A tag is matched exactly, in the normalized text, but
/// for its numbers, which stand for any number. A tag that stands between two line breaks is a word that is a tag only where it is a whole line: such
/// a word is matched with nothing but white space around it on its line, or up to the stretch's beginning or end.
/// </summary>
internal static class TagGuard
{
    /// <summary>The forged tags in the order of their ends; those that are scaffolding only are not among them.</summary>
    /// <param name="stretch">A stretch of prompt without control tokens.</param>
    /// <param name="tags">The tags, normalized, of two characters or more, without a space at either end.</param>
    public static IReadOnlyList<ForgedTag> FindForged(NormalizedStretch stretch, IEnumerable<string> tags)
    {
        var forged = new List<ForgedTag>();
        if (stretch.Data.Count == 0)
            return forged;

        string text = stretch.Text;
        foreach (string tag in tags)
        {
            var pattern = new TagPattern(tag);
            for (int from = 0; pattern.TryFind(text, from, out int start, out int end); from = start + 1)
            {
                if (FindLastBefore(stretch.Data, end) is { } range && range.End > start && (!pattern.IsLine || stretch.IsAlone(start, end)))
                    forged.Add(new ForgedTag(text[start..end], start, range));
            }
        }

        forged.Sort((left, right) => left.End.CompareTo(right.End));
        return forged;
    }

    /// <summary>
    /// Before which characters of the stretch a space breaks all of the forged tags, ascending. A tag across an answer's beginning is broken
    /// there: the text before is the prompt that generation is given, which must not depend on the answer.
    /// </summary>
    /// <param name="forged">The tags, in the order of their ends.</param>
    /// <param name="answers">Where answers begin in the stretch, in order.</param>
    public static int[] FindBreaks(IReadOnlyList<ForgedTag> forged, IReadOnlyList<AnswerMark> answers)
    {
        var breaks = new List<int>();
        int answer = 0;
        foreach (ForgedTag tag in forged)
        {
            while (answer < answers.Count && answers[answer].Position < tag.End)
                answer++;
            int lastAnswer = answer == 0 ? 0 : answers[answer - 1].Position;
            if (breaks.Count == 0 || breaks[^1] <= tag.Start) // else an overlapping tag's space breaks this one too
                breaks.Add(lastAnswer > tag.Start ? lastAnswer : tag.BreakPosition);
        }

        return [.. breaks];
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
