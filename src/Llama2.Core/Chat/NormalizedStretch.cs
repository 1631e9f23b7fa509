using System.Text;
using Llama2.Templating.Characters;
using Llama2.Tokenization;

namespace Llama2.Chat;

/// <summary>
/// A part of a prompt without control tokens, normalized by the vocabulary: spaces are U+2581, and characters may have been replaced or removed. The
/// model reads this text, so tags are searched for here: normalization can form a tag from text that contained none. Each part between the beginnings
/// of answers is normalized separately, because the tokens before an answer must not depend on the answer.
/// </summary>
internal sealed class NormalizedStretch
{
    private readonly string _original;
    private readonly List<TextRange>? _origins;
    private readonly int _prefixLength;
    private readonly IReadOnlyList<DataRange> _originalData;

    private NormalizedStretch(string original, string text, int prefixLength, List<TextRange>? origins, IReadOnlyList<DataRange> data, IReadOnlyList<AnswerMark> answers)
    {
        _original = original;
        _origins = origins;
        _prefixLength = prefixLength;
        _originalData = data;
        Text = text;
        Data = Locate(data);
        Answers = answers;
    }

    /// <summary>The normalized text, with the dummy prefix if the vocabulary has one.</summary>
    public string Text { get; }

    /// <summary>
    /// The ranges of the messages' texts in <see cref="Text"/>, in order. A character that was made from two texts belongs to both texts' ranges.
    /// Some ranges can be empty.
    /// </summary>
    public IReadOnlyList<DataRange> Data { get; }

    /// <summary>The places where answers begin in <see cref="Text"/>, in order.</summary>
    public IReadOnlyList<AnswerMark> Answers { get; }

    /// <param name="tokenizer">The vocabulary's tokenizer.</param>
    /// <param name="text">The part of the prompt, without control tokens.</param>
    /// <param name="data">The ranges of the messages' texts in the part, in order.</param>
    /// <param name="answers">The places where answers begin in the part, in order.</param>
    /// <exception cref="ArgumentException">The text is too long.</exception>
    public static NormalizedStretch Create(ModelTokenizer tokenizer, string text, IReadOnlyList<DataRange> data, IReadOnlyList<AnswerMark> answers)
    {
        var normalized = new StringBuilder(text.Length + 1);
        List<TextRange>? origins = null;
        var marks = new List<AnswerMark>(answers.Count);
        int prefixLength = 0, start = 0;
        foreach (AnswerMark answer in answers)
        {
            AppendTo(answer.Position);
            marks.Add(answer with { Position = normalized.Length });
        }

        AppendTo(text.Length);
        return new NormalizedStretch(text, normalized.ToString(), prefixLength, origins, data, marks);

        void AppendTo(int end)
        {
            using NormalizedText part = tokenizer.NormalizePrompt(text.AsSpan(start..end), isStart: start == 0);
            if (start == 0)
                prefixLength = Math.Max(prefixLength, part.PrefixLength);
            if (!part.Origins.IsEmpty)
            {
                origins ??= new List<TextRange>(text.Length + 1);
                foreach (TextRange origin in part.Origins)
                    origins.Add(new TextRange(origin.Start + start, origin.End + start));
            }

            normalized.Append(part.Text);
            start = end;
        }
    }

    /// <summary>The position of a tag in the content of the message that forges it.</summary>
    public int PositionInContent(ForgedTag tag)
    {
        int index = 0;
        while (Data[index] != tag.Data)
            index++;
        return tag.Data.ContentStart + Math.Max(0, OriginOf(tag.Start).Start - _originalData[index].Start);
    }

    /// <summary>
    /// Whether a part of the text has only white space before and after it on its line; the ends of the text also end a line.
    /// Lines are counted in the original text, because a vocabulary may replace line breaks by spaces.
    /// </summary>
    public bool IsAlone(int start, int end)
    {
        while (start > 0 && !HasLineBreak(OriginOf(start - 1).Start, OriginOf(start).Start))
        {
            if (!IsBlank(Text[--start]))
                return false;
        }

        while (end < Text.Length && !HasLineBreak(OriginOf(end - 1).End, OriginOf(end).End))
        {
            if (!IsBlank(Text[end++]))
                return false;
        }

        return true;
    }

    private static bool IsBlank(char character) => character == Vocabulary.EscapedSpace || PythonSpace.Is(character);

    private bool HasLineBreak(int start, int end)
    {
        for (int i = start; i < end; i++)
        {
            if (PythonSpace.IsLineBreak(_original[i]))
                return true;
        }

        return false;
    }

    // The part of the original text from which a character was made; empty for the dummy prefix.
    private TextRange OriginOf(int position) =>
        _origins is not null ? _origins[position]
        : position < _prefixLength ? new TextRange(0, 0)
        : new TextRange(position - _prefixLength, position - _prefixLength + 1);

    private List<DataRange> Locate(IReadOnlyList<DataRange> data)
    {
        var located = new List<DataRange>(data.Count);
        int start = _prefixLength;
        foreach (DataRange range in data)
        {
            while (start < Text.Length && OriginOf(start).End <= range.Start)
                start++;
            int end = start;
            while (end < Text.Length && OriginOf(end).Start < range.End)
                end++;
            located.Add(range with { Start = start, End = end });
        }

        return located;
    }
}
