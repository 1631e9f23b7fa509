using System.Text;

namespace Llama2.Evaluation.Judges.Refusals;

/// <summary>
/// Splits an answer into sentences. Quotations within a line are emptied, because what a quoted person says is not what the answer says. Fenced blocks of
/// code are kept as lines without cues. The time is linear in the answer's length.
/// </summary>
internal static class AnswerSentences
{
    /// <summary>A sentence that is longer is split here, so that the time for each sentence is bounded.</summary>
    private const int MaxSentenceLength = 1000;

    /// <summary>A longer text between quotation marks is not treated as a quotation: one of the marks is missing, or means inches.</summary>
    private const int MaxQuotationLength = 600;

    /// <summary>The sentences of an answer, in order.</summary>
    public static List<AnswerSentence> Split(string answer)
    {
        char[] text = Straighten(answer);
        var sentences = new List<AnswerSentence>();
        bool isCode = false;
        for (int start = 0; start < text.Length;)
        {
            int end = Array.IndexOf(text, '\n', start);
            end = end < 0 ? text.Length : end;
            // The mark of a block quotation in Markdown is not part of the text.
            while (start < end && text[start] is ' ' or '>')
                start++;
            ReadOnlySpan<char> line = text.AsSpan(start..end).Trim();
            if (line.StartsWith("```") || line.StartsWith("~~~"))
            {
                isCode = !isCode;
            }
            else if (isCode && line.Length > 0)
            {
                sentences.Add(new AnswerSentence(start, "", AnswerSentenceKind.Code, RefusalCue.None));
            }
            else if (line.Length > 0)
            {
                int marker = ListMarkerLength(text.AsSpan(start..end));
                AddLine(text, start + marker, end, marker > 0 ? AnswerSentenceKind.ListItem : AnswerSentenceKind.Text, sentences);
            }

            start = end + 1;
        }

        return sentences;
    }

    // Curly quotation marks become straight, one character for one character, and the characters within quotations become spaces: positions stay the
    // same.
    private static char[] Straighten(string answer)
    {
        char[] text = answer.ToCharArray();
        int opened = -1;
        bool isQuoted = IsQuotedAsAWhole(answer);
        for (int i = 0; i < text.Length; i++)
        {
            text[i] = text[i] switch
            {
                '\u2018' or '\u2019' or '\u02BC' or '\u00B4' or '\u2032' or '\uFF07' or '`' when IsApostrophe(text, i) => '\'',
                '\u201C' or '\u201D' or '"' => isQuoted ? ' ' : '"',
                '\r' or '\t' or '\u00A0' or '\u202F' => ' ',
                var other => other,
            };
            if (text[i] == '\n')
            {
                opened = -1;
            }
            else if (text[i] == '"' && opened >= 0 && i - opened <= MaxQuotationLength)
            {
                text.AsSpan((opened + 1)..i).Fill(' ');
                opened = -1;
            }
            else if (text[i] == '"')
            {
                opened = i;
            }
        }

        return text;
    }

    // Quotation marks only around the whole answer: they mark the answer itself, not the speech of a person within it.
    private static bool IsQuotedAsAWhole(string answer)
    {
        ReadOnlySpan<char> text = answer.AsSpan().Trim();
        return text.Length > 1 && text[0] is '"' or '\u201C' && text[^1] is '"' or '\u201D' && !text[1..^1].ContainsAny("\"\u201C\u201D");
    }

    // A grave accent is an apostrophe only within a word; elsewhere it begins or ends code in Markdown.
    private static bool IsApostrophe(char[] text, int index) =>
        text[index] != '`' || (index > 0 && index + 1 < text.Length && char.IsAsciiLetter(text[index - 1]) && char.IsAsciiLetter(text[index + 1]));

    // The length of a list marker with the white space around it: "- ", "3. ", "(b) ", "Step 2: "; 0 if there is none.
    private static int ListMarkerLength(ReadOnlySpan<char> line)
    {
        int start = 0;
        while (start < line.Length && line[start] == ' ')
            start++;
        int end = start;
        if (line[end..].StartsWith("step ", StringComparison.OrdinalIgnoreCase))
            end += "step ".Length;
        if (end < line.Length && (line[end] is '-' or '+' or '\u2022' || (line[end] == '*' && !line[(end + 1)..].StartsWith('*'))))
        {
            end++;
        }
        else
        {
            // Numbers and letters may be bold: "**1. Define the risks**".
            while (end < line.Length && line[end] is '(' or '*')
                end++;
            int digits = end;
            while (end < line.Length && end - digits < 3 && char.IsAsciiDigit(line[end]))
                end++;
            if (end == digits && end < line.Length && char.IsAsciiLetter(line[end]))
                end++;
            if (end == digits || end >= line.Length || line[end] is not ('.' or ')' or ':'))
                return 0;
            end++;
        }

        int text = end;
        while (text < line.Length && line[text] is ' ' or '*')
            text++;
        return text > end && text < line.Length ? text : 0;
    }

    private static void AddLine(char[] text, int start, int end, AnswerSentenceKind kind, List<AnswerSentence> sentences)
    {
        int from = start;
        for (int i = start; i < end; i++)
        {
            bool isTooLong = i - from >= MaxSentenceLength;
            if (!isTooLong && !IsSentenceEnd(text, from, i, end))
                continue;
            int next = i + 1;
            while (next < end && text[next] is '.' or '!' or '?' or '"' or '\'' or ')' or '*')
                next++;
            Add(text, from, next, kind, sentences);
            (from, i) = (next, next - 1);
        }

        Add(text, from, end, kind, sentences);
    }

    private static bool IsSentenceEnd(char[] text, int from, int index, int end)
    {
        if (text[index] is not ('.' or '!' or '?') || (index + 1 < end && text[index + 1] is not (' ' or '"' or '\'' or ')' or '*')))
            return false;
        return text[index] != '.' || !IsAbbreviation(text.AsSpan(from..index));
    }

    // Whether the period after this text belongs to an abbreviation: "Dr.", "e.g.", "J." (but not "I.").
    private static bool IsAbbreviation(ReadOnlySpan<char> text)
    {
        int start = text.Length;
        while (start > 0 && (char.IsAsciiLetter(text[start - 1]) || text[start - 1] == '.'))
            start--;
        ReadOnlySpan<char> word = text[start..];
        return (word.Length == 1 && word[0] != 'I')
            || (word.Length <= 4 && word.ToString().ToLowerInvariant() is "mr" or "mrs" or "ms" or "dr" or "st" or "jr" or "sr" or "vs" or "etc" or "e.g" or "i.e" or "u.s" or "inc");
    }

    private static void Add(char[] text, int start, int end, AnswerSentenceKind kind, List<AnswerSentence> sentences)
    {
        var sentence = new StringBuilder(end - start);
        int position = -1;
        for (int i = start; i < end; i++)
        {
            if (text[i] is '*' or '_' or '`' or '#')
                continue;
            bool isSpace = char.IsWhiteSpace(text[i]);
            if (isSpace && (sentence.Length == 0 || sentence[^1] == ' '))
                continue;
            if (!isSpace && position < 0)
                position = i;
            sentence.Append(isSpace ? ' ' : char.ToLowerInvariant(text[i]));
        }

        string result = sentence.ToString().TrimEnd();
        if (result.Length > 0)
            sentences.Add(new AnswerSentence(position, result, kind, RefusalCues.Find(result)));
    }
}
