using System.Text;
using Llama2.Templating.Characters;
using Llama2.Tokenization;

namespace Llama2.Chat;

/// <summary>
/// A stretch of prompt as the vocabulary normalizes it: spaces are U+2581, characters may have been replaced or left out. This is what the model
/// reads, so tags are sought here: normalization can make one of text that held none. Each part between the beginnings of answers is normalized
/// by itself, because the tokens before an answer must not depend on it.
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

    /// <summary>Where the messages' texts lie in <see cref="Text"/>, in order. A character made of two of them belongs to both; a range may be empty.</summary>
    public IReadOnlyList<DataRange> Data { get; }

    /// <summary>Where answers begin in <see cref="Text"/>, in order.</summary>
    public IReadOnlyList<AnswerMark> Answers { get; }

    /// <param name="tokenizer">The vocabulary's tokenizer.</param>
    /// <param name="text">The stretch, without control tokens.</param>
    /// <param name="data">Where the messages' texts lie in it, in order.</param>
    /// <param name="answers">Where answers begin in it, in order.</param>
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

    /// <summary>Where a tag begins in the content of the message that forges it.</summary>
    public int PositionInContent(ForgedTag tag)
    {
        int index = 0;
        while (Data[index] != tag.Data)
            index++;
        return tag.Data.ContentStart + Math.Max(0, OriginOf(tag.Start).Start - _originalData[index].Start);
    }

    /// <summary>
    /// Whether a part of the text has nothing but white space around it on its line, or up to an end of the stretch. Lines are those of the original
    /// text: a vocabulary may make spaces of line breaks.
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

    // The part of the original text that a character was made of; the dummy prefix was made of nothing.
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
