namespace Llama2.Chat;

/// <summary>
/// Finds tags that messages forge in a stretch of a prompt, and the places at which to break these tags. A tag is matched exactly in the normalized
/// text, except that a number in it matches any number. If a tag in the list is a word between two line breaks, the word is matched only if the rest
/// of its line is white space. The beginning and the end of the stretch count as ends of a line.
/// </summary>
internal static class TagGuard
{
    /// <summary>The forged tags, in the order of their ends. Tags that consist of scaffolding only are not included.</summary>
    /// <param name="stretch">A stretch of a prompt without control tokens.</param>
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
    /// The ascending indices of the characters before which spaces must be inserted to break all forged tags. A tag across the beginning of an answer
    /// is broken there, because the text before it is the prompt for generation, which must not depend on the answer.
    /// </summary>
    /// <param name="forged">The tags, in the order of their ends.</param>
    /// <param name="answers">The places where answers begin in the stretch, in order.</param>
    public static int[] FindBreaks(IReadOnlyList<ForgedTag> forged, IReadOnlyList<AnswerMark> answers)
    {
        var breaks = new List<int>();
        int answer = 0;
        foreach (ForgedTag tag in forged)
        {
            while (answer < answers.Count && answers[answer].Position < tag.End)
                answer++;
            int lastAnswer = answer == 0 ? 0 : answers[answer - 1].Position;
            if (breaks.Count == 0 || breaks[^1] <= tag.Start) // otherwise the space that breaks an overlapping tag also breaks this one
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
