using Llama2.Templating.Characters;

namespace Llama2.Evaluation.Backends;

/// <summary>Encodes requests as tokens, by the rules of lm-evaluation-harness. Thread-safe.</summary>
/// <param name="model">The model.</param>
/// <param name="options">Whether prompts begin with the begin-of-sequence token, and the prompt format.</param>
internal sealed class RequestEncoder(ILlamaModel model, ModelBackendOptions options)
{
    private readonly Lazy<PromptFormat> _format = new(() => options.PromptFormat ?? PromptFormat.Detect(model));

    /// <summary>Whether plain prompts begin with the begin-of-sequence token.</summary>
    public bool AddsBeginOfSequence { get; } = options.AddBeginOfSequence ?? model.Tokenizer.AddsBeginOfSequence;

    // The token of an empty prompt: the begin-of-sequence token or, if the vocabulary has none, the end-of-sequence token.
    private int EmptyPrompt => model.Tokenizer.BeginOfSequenceId >= 0 ? model.Tokenizer.BeginOfSequenceId : Math.Max(0, model.Tokenizer.EndOfSequenceId);

    /// <summary>The sequences with which the prompt format ends an answer; none for plain prompts.</summary>
    public IReadOnlyList<string> StopSequencesOf(GenerationRequest request) => request.Prompt.Messages is null ? [] : _format.Value.StopSequences;

    /// <summary>Encodes context and continuation together, and finds the first token of the continuation.</summary>
    public (int[] Tokens, int Start, bool IsTruncated) Encode(LogLikelihoodRequest request, CancellationToken cancellationToken)
    {
        (int[] tokens, int start) = request.Context.Messages is { } messages
            ? EncodeChat(messages, request.Context.Text, request.Continuation, cancellationToken)
            : EncodeText(request.Context.Text, request.Continuation);
        // The last token is scored, but not computed, so it needs no place in the context.
        int excess = tokens.Length - (model.ContextLength + 1);
        if (excess <= 0)
            return (tokens, start, false);
        // At least one token has to remain before the first scored one.
        return (tokens[excess..], Math.Max(1, start - excess), true);
    }

    /// <summary>Encodes a prompt, and limits prompt and answer to the context.</summary>
    public (int[] Tokens, int MaxTokens, bool IsTruncated) Encode(GenerationRequest request, CancellationToken cancellationToken)
    {
        int[] tokens = request.Prompt.Messages is { } messages
            ? EncodeChat(messages, request.Prompt.Text, "", cancellationToken).Tokens
            : EncodePlain(request.Prompt.Text);
        if ((long)tokens.Length + request.MaxTokens <= model.ContextLength)
            return (tokens, request.MaxTokens, false);
        // If they do not fit together, the answer gets up to half of the context.
        int maxTokens = Math.Min(request.MaxTokens, Math.Max(model.ContextLength - tokens.Length, model.ContextLength / 2));
        int excess = Math.Max(0, tokens.Length - (model.ContextLength - maxTokens));
        return (tokens[excess..], maxTokens, excess > 0);
    }

    // White space at the end of the context belongs to the continuation: " A" is one token, a space and "A" are two.
    private (int[] Tokens, int Start) EncodeText(string context, string continuation)
    {
        string trimmed = PythonSpace.TrimEnd(context).ToString();
        continuation = context[trimmed.Length..] + continuation;
        if (trimmed.Length == 0 && continuation.Length > 0 && !AddsBeginOfSequence)
            return ([EmptyPrompt, .. EncodePlain(continuation)], 1);
        int[] whole = EncodePlain(trimmed + continuation), before = EncodePlain(trimmed);
        if (continuation.Length == 0)
            return (whole, whole.Length);
        if (whole.Length > before.Length)
            return ([.. before, .. whole.AsSpan(before.Length)], before.Length);
        // The encoding merges the end of the context with the whole continuation. The harness has nothing to score then; here it is the last token.
        return whole.Length > 1 ? (whole, whole.Length - 1) : ([EmptyPrompt, .. whole], 1);
    }

    // The model answers after the prompt with a token that begins with a space, so the continuation is encoded as a text of its own.
    private (int[] Tokens, int Start) EncodeChat(IReadOnlyList<LlamaMessage> messages, string prefix, string continuation, CancellationToken cancellationToken)
    {
        int[] prompt = _format.Value.Encode(messages, model.Tokenizer, cancellationToken: cancellationToken);
        string answer = (prefix + continuation).TrimStart();
        int[] before = EncodeAnswer(prefix.Trim()), whole = EncodeAnswer(answer);
        return ([.. prompt, .. whole], prompt.Length + Math.Min(before.Length, Math.Max(0, whole.Length - (continuation.Length > 0 ? 1 : 0))));
    }

    private int[] EncodeAnswer(string text) => text.Length == 0 ? [] : model.Tokenizer.Encode(text, addBeginOfSequence: false);

    private int[] EncodePlain(string text)
    {
        if (AddsBeginOfSequence)
            return model.Tokenizer.Encode(text, addBeginOfSequence: true);
        int[] tokens = model.Tokenizer.Encode(text, addBeginOfSequence: false);
        return tokens.Length > 0 ? tokens : [EmptyPrompt];
    }
}
