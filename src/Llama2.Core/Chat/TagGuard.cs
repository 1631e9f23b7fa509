using Llama2.Templating;
using Llama2.Tokenization;

namespace Llama2.Chat;

/// <summary>
/// Finds tags that messages forge in a stretch of prompt, and where to break them. A tag is matched exactly, but for U+2581, which is a space. A
/// tag between two line breaks is a word that is a tag only as a whole line: it matches only with nothing but white
/// space around it on its line, or up to the stretch's beginning or end.
/// </summary>
internal static class TagGuard
{
    /// <summary>The forged tags in the order of their ends; those that are scaffolding only are not among them.</summary>
    /// <param name="text">A stretch of prompt without control tokens.</param>
    /// <param name="data">Where the messages' texts are in it, in order.</param>
    /// <param name="tags">The tags, of two characters or more, without a space at either end.</param>
    public static IReadOnlyList<ForgedTag> FindForged(string text, IReadOnlyList<DataRange> data, IEnumerable<string> tags)
    {
        var forged = new List<ForgedTag>();
        if (data.Count == 0)
            return forged;

        string plain = text.Replace(Vocabulary.EscapedSpace, ' ');
        foreach (string tag in tags)
        {
            bool isLine = IsLine(tag);
            string sought = isLine ? tag[1..^1] : tag;
            for (int start = plain.IndexOf(sought, StringComparison.Ordinal); start >= 0; start = plain.IndexOf(sought, start + 1, StringComparison.Ordinal))
            {
                int end = start + sought.Length;
                if (FindLastBefore(data, end) is { } range && range.End > start && (!isLine || IsAlone(plain, start, end)))
                    forged.Add(new ForgedTag(sought, start, range));
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

    /// <summary>Whether a tag is a word that is one only as a whole line.</summary>
    private static bool IsLine(string tag) => tag.Length > 2 && tag[0] == '\n' && tag[^1] == '\n';

    private static bool IsAlone(string text, int start, int end)
    {
        while (start > 0 && IsBlank(text[start - 1]))
            start--;
        while (end < text.Length && IsBlank(text[end]))
            end++;
        return (start == 0 || PythonSpace.IsLineBreak(text[start - 1])) && (end == text.Length || PythonSpace.IsLineBreak(text[end]));
    }

    private static bool IsBlank(char character) => PythonSpace.Is(character) && !PythonSpace.IsLineBreak(character);

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
