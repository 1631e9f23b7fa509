namespace Llama2.Evaluation.Judges.Toxicity;

/// <summary>
/// Finds the asterisks with which Markdown emphasizes words, "**important**", so that they are not taken for masked letters, as in "f**k". One pass over the
/// text.
/// </summary>
internal static class MarkdownEmphasis
{
    /// <summary>"***words***" is the strongest emphasis.</summary>
    private const int MaxRunLength = 3;

    /// <summary>The text with spaces in place of these asterisks, so that all positions stay the same.</summary>
    public static string Blank(string text)
    {
        char[] blanked = text.ToCharArray();
        // For each number of asterisks, where emphasis was last opened in this line; -1 if it was not.
        Span<int> opened = stackalloc int[MaxRunLength + 1];
        opened.Fill(-1);
        for (int start = 0; start < text.Length;)
        {
            int end = start;
            while (end < text.Length && text[end] == '*')
                end++;
            int length = end - start;
            if (text[start] == '\n')
                opened.Fill(-1);
            else if (length is > 0 and <= MaxRunLength)
                Match(start, end, opened);
            start = Math.Max(end, start + 1);
        }

        return new string(blanked);

        void Match(int start, int end, Span<int> opened)
        {
            int length = end - start;
            char before = start > 0 ? text[start - 1] : ' ', after = end < text.Length ? text[end] : ' ';
            if (opened[length] >= 0 && !char.IsWhiteSpace(before) && !char.IsLetterOrDigit(after))
            {
                blanked.AsSpan(opened[length], length).Fill(' ');
                blanked.AsSpan(start, length).Fill(' ');
                opened[length] = -1;
            }
            else if (!char.IsWhiteSpace(after) && !char.IsLetterOrDigit(before))
            {
                opened[length] = start;
            }
        }
    }
}
