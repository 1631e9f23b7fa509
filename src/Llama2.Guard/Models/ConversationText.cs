using System.Buffers;
using System.Text;
using Llama2.Guard.Text;

namespace Llama2.Guard.Models;

/// <summary>
/// Makes the text of a message harmless for the prompt of a guard model. The text cannot end the conversation, begin another turn, or close the instruction: where it has a tag of the prompt,
/// in any spelling that looks like it, the first bracket becomes a round one; where a line begins like a turn, the line becomes a quotation. Everything else
/// stays as it is, so that the prompt of an ordinary conversation is exactly the published one.
/// </summary>
internal static class ConversationText
{
    private static readonly string[] s_tags =
    [
        "[INST]", "[/INST]", "<<SYS>>", "<</SYS>>", "<s>", "</s>",
        "<BEGINUNSAFECONTENTCATEGORIES>", "<ENDUNSAFECONTENTCATEGORIES>", "<BEGINCONVERSATION>", "<ENDCONVERSATION>",
    ];

    private static readonly string[] s_turns = ["user:", "agent:"];

    private static readonly SearchValues<char> s_otherLineBreaks = SearchValues.Create("\r\v\f\u0085\u2028\u2029");

    private static readonly TermMatcher s_matcher = new(s_tags.Select(tag => TextViews.Dense(tag).Text));

    // A turn's mark has at most six characters in the dense view. With spaces and zero-width characters before or within it, it may be longer; a line that
    // hides it behind more than this number is read to its end.
    private const int TurnSearchLength = 64;

    /// <summary>The text as the prompt may have it.</summary>
    public static string Neutralize(string text)
    {
        string lines = QuoteTurns(UnifyLineBreaks(text).Trim());
        MappedText dense = TextViews.Dense(lines);
        StringBuilder? changed = null;
        foreach (TermMatch match in s_matcher.Find(dense, wholeWords: false))
        {
            // The bracket may be a pair of surrogates; what remains of it is a space.
            (int start, int length) = dense.ToOriginal(match.Start, 1);
            changed ??= new StringBuilder(lines);
            changed[start] = '(';
            if (length > 1)
                changed[start + 1] = ' ';
        }

        return changed?.ToString() ?? lines;
    }

    private static string UnifyLineBreaks(string text)
    {
        if (text.AsSpan().IndexOfAny(s_otherLineBreaks) < 0)
            return text;
        char[] lines = text.Replace("\r\n", "\n", StringComparison.Ordinal).ToCharArray();
        lines.AsSpan().ReplaceAny(s_otherLineBreaks, '\n');
        return new string(lines);
    }

    private static string QuoteTurns(string text)
    {
        StringBuilder? quoted = null;
        int copied = 0;
        for (int start = 0; start <= text.Length;)
        {
            int end = text.IndexOf('\n', start);
            end = end < 0 ? text.Length : end;
            if (BeginsTurn(text.AsSpan(start, end - start)))
            {
                quoted ??= new StringBuilder(text.Length + 16);
                quoted.Append(text, copied, start - copied).Append("> ");
                copied = start;
            }

            start = end + 1;
        }

        return quoted is null ? text : quoted.Append(text, copied, text.Length - copied).ToString();
    }

    private static bool BeginsTurn(ReadOnlySpan<char> line)
    {
        if (!line.ContainsAny(":：﹕︓") && !line.ContainsAnyExceptInRange('\0', '\x7F'))
            return false;
        string begin = TextViews.Dense(line[..Math.Min(line.Length, TurnSearchLength)].ToString()).Text;
        if (begin.Length < 6 && line.Length > TurnSearchLength)
            begin = TextViews.Dense(line.ToString()).Text;
        return Array.Exists(s_turns, turn => begin.StartsWith(turn, StringComparison.Ordinal));
    }
}
