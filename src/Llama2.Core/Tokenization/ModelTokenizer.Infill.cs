using Llama2.Tokenization;

namespace Llama2;

// Prompts for filling a gap in a text.
public sealed partial class ModelTokenizer
{
    private readonly Lazy<InfillTokens?> _infillTokens;

    /// <summary>
    /// The tokens for filling a gap: those that a GGUF file names (<c>tokenizer.ggml.fim_pre_token_id</c>, <c>fim_suf_token_id</c> and
    /// <c>fim_mid_token_id</c>), otherwise those with the names of Code Llama's vocabulary (<c>▁&lt;PRE&gt;</c>, <c>▁&lt;SUF&gt;</c> and
    /// <c>▁&lt;MID&gt;</c>) or with similar names. Null if the vocabulary has none, as in Llama 2: the model cannot fill a gap.
    /// </summary>
    public InfillTokens? InfillTokens => _infillTokens.Value;

    /// <summary>
    /// Encodes a prompt that makes the model write the text between two texts. The model ends this text with its end-of-infill token
    /// (<c>▁&lt;EOT&gt;</c> in Code Llama), which is one of <see cref="EndOfGenerationIds"/>.
    /// </summary>
    /// <param name="prefix">The text before the gap, at most <see cref="MaxTextLength"/> characters; may be empty.</param>
    /// <param name="suffix">The text after the gap, at most <see cref="MaxTextLength"/> characters; may be empty.</param>
    /// <returns>
    /// The ids, in the order of Code Llama (prefix, suffix, middle): the begin-of-sequence token if <see cref="AddsBeginOfSequence"/> is true, the prefix
    /// token, the prefix, the suffix token, the suffix without a dummy prefix, and the middle token. No text can spell one of these tokens.
    /// </returns>
    /// <exception cref="InvalidOperationException">The vocabulary has no <see cref="InfillTokens"/>.</exception>
    /// <exception cref="ArgumentException">A text is too long.</exception>
    // Rozière et al., "Code Llama: Open Foundation Models for Code" (arXiv:2308.12950), section 2.3, and infilling_prompt_tokens in Meta's llama/generation.py.
    public int[] EncodeInfill(string prefix, string suffix)
    {
        ArgumentNullException.ThrowIfNull(prefix);
        ArgumentNullException.ThrowIfNull(suffix);
        CheckLength(prefix);
        CheckLength(suffix);
        InfillTokens tokens = InfillTokens ?? throw new InvalidOperationException("The vocabulary has no tokens for filling a gap; use a model that was trained for it, such as Code Llama 7B.");
        List<int> ids = [];
        if (AddsBeginOfSequence)
            ids.Add(BeginOfSequenceId);
        ids.Add(tokens.PrefixId);
        EncodeData(prefix, isStart: true, ids);
        ids.Add(tokens.SuffixId);
        EncodeData(suffix, isStart: false, ids);
        ids.Add(tokens.MiddleId);
        return [.. ids];
    }

    private void EncodeData(string text, bool isStart, List<int> ids)
    {
        using NormalizedText normalized = _encoder.NormalizePrompt(text, isStart);
        _encoder.EncodePrompt(normalized.Text, [new TextRange(0, normalized.Text.Length)], ids, ends: null);
    }
}
