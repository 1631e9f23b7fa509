using System.Text;
using static System.FormattableString;

namespace Llama2.Chat;

/// <summary>
/// Turns what a layout writes into tokens. Control tokens, and user-defined ones, are recognised in scaffolding and not in messages' texts.
/// What lies between two of them is one stretch, scaffolding and data together, encoded in one piece and with a dummy prefix: so were the
/// prompts that Llama's fine-tunes were trained with, by Meta's code, by Hugging Face's first tokenizers and by Mistral's.
/// </summary>
internal sealed class PromptWriter
{
    private readonly LlamaTokenizer _tokenizer;
    private readonly SpecialTokenPolicy _policy;
    private readonly List<string> _tags = [];
    private readonly List<int> _ids = [];
    private readonly StringBuilder _stretch = new();
    private readonly List<DataRange> _data = [];
    private readonly TokenOrigins? _origins;

    /// <summary>Makes a writer that guards what the vocabulary has as user-defined tokens among all formats' tags.</summary>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <param name="policy">What becomes of tags and control tokens in data.</param>
    /// <param name="origins">Told which message each token is of; null where nobody asks.</param>
    public PromptWriter(LlamaTokenizer tokenizer, SpecialTokenPolicy policy, TokenOrigins? origins = null)
    {
        _tokenizer = tokenizer;
        _policy = policy;
        _origins = origins;
        Guard(KnownTags.All.Where(tag => tokenizer.FindSpecialToken(tag) >= 0));
    }

    public LlamaTokenizer Tokenizer => _tokenizer;

    /// <summary>Guards these tags in what is written from here on. A tag that is a control token needs no guard: text never yields it.</summary>
    public void Guard(IEnumerable<string> tags)
    {
        foreach (string tag in tags)
        {
            int id = _tokenizer.FindSpecialToken(tag);
            if ((id < 0 || !_tokenizer.IsControl(id)) && !_tags.Contains(tag))
                _tags.Add(tag);
        }
    }

    /// <summary>Writes the begin-of-sequence token, if the vocabulary's prompts have one.</summary>
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

    /// <summary>Writes text of the program's own.</summary>
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
            partStart = i + _tokenizer.TokenText(special[i]).Length;
            i = partStart - 1;
        }

        _stretch.Append(text[partStart..]);
    }

    /// <summary>Writes a message's text, or a part of it.</summary>
    /// <param name="text">The text.</param>
    /// <param name="messageIndex">Which message it is, or -1 if that is not known.</param>
    /// <param name="contentStart">Where in the message's content the text begins.</param>
    public void WriteData(ReadOnlySpan<char> text, int messageIndex, int contentStart = 0)
    {
        if (_policy == SpecialTokenPolicy.Allow)
        {
            WriteScaffolding(text);
            return;
        }

        if (_policy == SpecialTokenPolicy.Reject)
            RejectControlTokens(text, messageIndex, contentStart);
        if (text.IsEmpty)
            return;
        _data.Add(new DataRange(_stretch.Length, _stretch.Length + text.Length, messageIndex, contentStart));
        _stretch.Append(text);
    }

    /// <summary>The tokens of all that was written.</summary>
    public int[] ToTokens()
    {
        EndStretch();
        return [.. _ids];
    }

    private void EndStretch()
    {
        string text = _stretch.ToString();
        IReadOnlyList<ForgedTag> forged = TagGuard.FindForged(text, _data, _tags);
        if (_policy == SpecialTokenPolicy.Reject && forged.Count > 0)
        {
            (string tag, int start, DataRange data) = forged[0];
            throw Rejected(tag, data.MessageIndex, data.ContentStart + Math.Max(0, start - data.Start));
        }

        string guarded = TagGuard.Break(text, forged);
        if (_origins is null)
            _tokenizer.Encode(guarded, _ids);
        else
            _origins.Encode(_tokenizer, text, guarded, _data, _ids);
        _stretch.Clear();
        _data.Clear();
    }

    private void RejectControlTokens(ReadOnlySpan<char> text, int messageIndex, int contentStart)
    {
        int[] controls = _tokenizer.FindControlTokens(text);
        int position = Array.FindIndex(controls, id => id >= 0);
        if (position >= 0)
            throw Rejected(_tokenizer.TokenText(controls[position]), messageIndex, contentStart + position);
    }

    private static PromptFormatException Rejected(string tag, int messageIndex, int position)
    {
        string place = messageIndex < 0 ? $"A message holds '{tag}'" : Invariant($"Message {messageIndex:N0} holds '{tag}' at character {position:N0}");
        return new PromptFormatException(
            $"{place}, which could forge a turn: remove it, or use {nameof(SpecialTokenPolicy)}.{nameof(SpecialTokenPolicy.Escape)}.",
            messageIndex,
            tag,
            messageIndex < 0 ? -1 : position);
    }
}
