using System.Text;
using Llama2.Tokenization;
using static System.FormattableString;

namespace Llama2.Chat;

/// <summary>
/// Encodes the text that a layout writes. Control tokens and user-defined tokens are recognised in scaffolding, not in messages' texts. The text
/// between two such tokens, scaffolding and data together, is one stretch, which is encoded as a whole and with a dummy prefix. Meta's code, Hugging
/// Face's first tokenizers and Mistral's tokenizer encoded prompts in this way when Llama's fine-tunes were trained. A stretch is split only where an
/// answer begins, because generation continues from the tokens of the answer's prompt.
/// </summary>
internal sealed class PromptWriter
{
    private readonly ModelTokenizer _tokenizer;
    private readonly SpecialTokenPolicy _policy;
    private readonly GuardedTags _tags;
    private readonly List<int> _ids = [];
    private readonly StringBuilder _stretch = new();
    private readonly List<DataRange> _data = [];
    private readonly List<AnswerMark> _answers = [];
    private readonly TokenOrigins? _origins;

    private readonly IReadOnlyList<LlamaMessage> _messages;

    /// <param name="messages">The messages that are written.</param>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <param name="policy">How tags and control tokens in data are treated.</param>
    /// <param name="origins">Records the message to which each token belongs; null if this is not needed.</param>
    public PromptWriter(IReadOnlyList<LlamaMessage> messages, ModelTokenizer tokenizer, SpecialTokenPolicy policy, TokenOrigins? origins = null)
    {
        _messages = messages;
        _tokenizer = tokenizer;
        _policy = policy;
        _origins = origins;
        _tags = new GuardedTags(tokenizer);
    }

    public ModelTokenizer Tokenizer => _tokenizer;

    /// <summary>Whether answers are learned. If true, each answer must begin where the prompt for this answer ends.</summary>
    public bool LearnsAnswers => _origins is not null;

    /// <summary>
    /// The answers of a chat template, which are checked when their tokens are known; null if no template is rendered or answers are not learned.
    /// </summary>
    public AnswerPrompts? Prompts { get; set; }

    /// <summary>Guards the given tags in all stretches that have not ended yet.</summary>
    public void Guard(IEnumerable<string> tags) => _tags.Add(tags);

    /// <summary>Writes the begin-of-sequence token, if prompts of the vocabulary have one.</summary>
    public void WriteBegin()
    {
        EndStretch();
        if (_tokenizer.AddsBeginOfSequence)
            _ids.Add(_tokenizer.BeginOfSequenceId);
    }

    /// <summary>Writes the end-of-sequence token.</summary>
    public void WriteEnd()
    {
        EndStretch();
        if (_tokenizer.EndOfSequenceId < 0)
            throw new PromptFormatException("The prompt format ends an answer with the end-of-sequence token, and the vocabulary has none: choose another format.");
        _ids.Add(_tokenizer.EndOfSequenceId);
    }

    /// <summary>Writes text that belongs to the format.</summary>
    public void WriteScaffolding(ReadOnlySpan<char> text)
    {
        int[] special = _tokenizer.FindSpecialTokens(text);
        int partStart = 0;
        for (int i = 0; i < special.Length; i++)
        {
            if (special[i] < 0)
                continue;
            _stretch.Append(text[partStart..i]);
            EndStretch();
            _ids.Add(special[i]);
            partStart = i + _tokenizer.GetTokenText(special[i]).Length;
            i = partStart - 1;
        }

        _stretch.Append(text[partStart..]);
    }

    /// <summary>
    /// Marks the beginning of an answer. The text that was written so far is the prompt for generation, and its tokens do not depend on the text that follows.
    /// </summary>
    /// <param name="messageIndex">The index of the answer's message.</param>
    public void BeginAnswer(int messageIndex) => _answers.Add(new AnswerMark(_stretch.Length, messageIndex));

    /// <summary>Writes a message's text, or a part of it. Tags that a tool format wrote into the text are scaffolding; the rest is data.</summary>
    /// <param name="text">The text.</param>
    /// <param name="messageIndex">The index of the message, or -1 if it is unknown.</param>
    /// <param name="contentStart">The index in the message's content at which the text begins.</param>
    public void WriteData(ReadOnlySpan<char> text, int messageIndex, int contentStart = 0)
    {
        if (_policy == SpecialTokenPolicy.Allow)
        {
            WriteScaffolding(text);
            return;
        }

        int written = 0;
        foreach (TextRange tag in messageIndex < 0 ? [] : _messages[messageIndex].OwnTags)
        {
            int start = tag.Start - contentStart, end = tag.End - contentStart;
            if (start < written || end > text.Length)
                continue;
            WriteForeign(text[written..start], messageIndex, contentStart + written);
            WriteScaffolding(text[start..end]);
            written = end;
        }

        WriteForeign(text[written..], messageIndex, contentStart + written);
    }

    /// <summary>The tokens of the whole prompt.</summary>
    public int[] ToTokens()
    {
        EndStretch();
        return [.. _ids];
    }

    private void WriteForeign(ReadOnlySpan<char> text, int messageIndex, int contentStart)
    {
        if (_policy == SpecialTokenPolicy.Reject)
            RejectSpecialTokens(text, messageIndex, contentStart);
        if (text.IsEmpty)
            return;
        _data.Add(new DataRange(_stretch.Length, _stretch.Length + text.Length, messageIndex, contentStart));
        _stretch.Append(text);
    }

    private void EndStretch()
    {
        var stretch = NormalizedStretch.Create(_tokenizer, _stretch.ToString(), _data, _answers);
        IReadOnlyList<ForgedTag> forged = TagGuard.FindForged(stretch, _tags.Texts);
        if (_policy == SpecialTokenPolicy.Reject && forged.Count > 0)
            throw Rejected(forged[0].Tag.Replace(Vocabulary.EscapedSpace, ' '), forged[0].Data.MessageIndex, stretch.PositionInContent(forged[0]));

        Encode(stretch, new GuardedText(stretch.Text, TagGuard.FindBreaks(forged, stretch.Answers), _tags.Space));
        _stretch.Clear();
        _data.Clear();
        _answers.Clear();
    }

    // Encodes the stretch in parts: each part ends where an answer begins, and the last part ends with the stretch.
    private void Encode(NormalizedStretch stretch, GuardedText guarded)
    {
        int start = 0, range = 0;
        foreach (AnswerMark answer in stretch.Answers)
        {
            int end = guarded.Before(answer.Position);
            EncodePart(stretch.Data, guarded, start, end, ref range);
            _origins?.BeginAnswer(answer.MessageIndex, _ids.Count);
            start = end;
        }

        EncodePart(stretch.Data, guarded, start, guarded.Text.Length, ref range);
    }

    private void EncodePart(IReadOnlyList<DataRange> stretchData, GuardedText guarded, int start, int end, ref int range)
    {
        var data = new List<DataRange>();
        for (; range < stretchData.Count && guarded.Before(stretchData[range].Start) < end; range++)
        {
            int dataEnd = Math.Min(guarded.Behind(stretchData[range].End), end);
            data.Add(stretchData[range] with { Start = guarded.Before(stretchData[range].Start) - start, End = dataEnd - start });
        }

        TextRange[] ranges = [.. data.Select(part => new TextRange(part.Start, part.End))];
        List<int>? ends = _origins is null ? null : [];
        _tokenizer.EncodePrompt(guarded.Text.AsSpan(start, end - start), ranges, _ids, ends);
        _origins?.Add(ends!, data, _ids.Count);
    }

    private void RejectSpecialTokens(ReadOnlySpan<char> text, int messageIndex, int contentStart)
    {
        int[] special = _tokenizer.FindSpecialTokens(text);
        int position = Array.FindIndex(special, id => id >= 0 && _tokenizer.IsTag(id));
        if (position >= 0)
            throw Rejected(_tokenizer.GetTokenText(special[position]), messageIndex, contentStart + position);
    }

    private static PromptFormatException Rejected(string tag, int messageIndex, int position)
    {
        bool isKnown = messageIndex >= 0;
        string place = isKnown ? Invariant($"Message {messageIndex:N0} contains '{tag}' at character {position:N0}") : $"A message contains '{tag}'";
        return new PromptFormatException(
            $"{place}, which could forge a turn: remove it, or use {nameof(SpecialTokenPolicy)}.{nameof(SpecialTokenPolicy.Escape)}.",
            isKnown ? messageIndex : null,
            tag,
            isKnown ? position : null);
    }
}
