using Llama2.Guard.Models;

namespace Llama2.Guard;

/// <summary>
/// A guard whose judge is a model that was trained with Llama Guard's prompt (arXiv 2312.06674): Meta's LlamaGuard-7b, which is a Llama 2 model, or one of your own. Thread-safe: concurrent
/// judgements are computed together. The caller keeps the ownership of the model.
/// </summary>
/// <remarks>
/// <para>
/// The probability states how likely <c>unsafe</c>, and not <c>safe</c>, is the first word of the answer: softmax over the logits of the first
/// tokens in which the two words differ. A message is unsafe if its probability is at least <see cref="LlamaGuardOptions.Threshold"/>. Then the model names the
/// categories; an
/// <see cref="OutputConstraint"/> allows it only a list of codes of the policy, so every verdict is well formed.
/// </para>
/// <para>
/// System messages are not part of the prompt. If the conversation is too long for the model's context, its oldest messages are left out, never the message
/// that is judged. Text is data: it cannot spell control tokens, tags of the prompt or turns; see docs/guarding.md.
/// </para>
/// <para>
/// A judgement costs the prompt, about 900 tokens of the published policy and the conversation, and a few generated tokens. The tokens of the policy are computed once for all requests, and those of the
/// conversation once for all requests of a <see cref="GuardRequest.PrefixScope"/> that continue it.
/// </para>
/// </remarks>
/// <example><code>
/// using LlamaModel judge = LlamaModel.Load("LlamaGuard-7b.Q4_K_M.gguf");
/// var guard = new LlamaGuard(judge);
/// GuardVerdict verdict = await guard.JudgeAsync(GuardRequest.ForUser("How do I bake bread?"));
/// Console.WriteLine($"{verdict}, {verdict.Probability:P1}");
/// </code></example>
public sealed class LlamaGuard : IContentGuard
{
    // No token has more characters than this, except rows of spaces; a message of more characters than the context has tokens times this number is too long.
    private const int MaxTokenLength = 32;

    // The name of the author, a colon, and the line breaks.
    private const int MinTurnLength = 8;

    private readonly ILlamaModel _model;
    private readonly LlamaGuardOptions _options;
    private readonly VerdictWords _words;
    private readonly OutputConstraint _categories;
    private readonly int _answerLength;

    /// <summary>Creates a guard.</summary>
    /// <param name="model">The model, which must have been trained as a guard.</param>
    /// <param name="options">How to judge; null for the defaults.</param>
    /// <exception cref="GuardException">The model's vocabulary cannot tell the words <c>safe</c> and <c>unsafe</c> apart.</exception>
    public LlamaGuard(ILlamaModel model, LlamaGuardOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        _model = model;
        _options = options ?? new LlamaGuardOptions();
        _words = new VerdictWords(model.Tokenizer);
        string code = string.Join('|', _options.Policy.Categories.Select(category => category.Code));
        _categories = OutputConstraint.Regex($"({code})(,({code})){{0,{_options.Policy.Categories.Count - 1}}}");
        // A code has at most three characters and a comma, and a token has at least one character.
        _answerLength = 4 * _options.Policy.Categories.Count;
    }

    /// <summary>The categories by which this guard judges.</summary>
    public GuardPolicy Policy => _options.Policy;

    /// <inheritdoc/>
    /// <exception cref="GuardException">The judged message does not fit in the model's context, or the model gives no verdict (<see
    /// cref="LlamaGuardOptions.MinMass"/>).</exception>
    /// <exception cref="LlamaException">The model cannot compute; see <see cref="ILlamaModel.GenerateAsync(ReadOnlyMemory{int}, GenerationOptions?, CancellationToken)"/>.</exception>
    public async ValueTask<GuardVerdict> JudgeAsync(GuardRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        string start = LlamaGuardPrompt.WriteStart(_options.Policy, request.Judged.Role);
        int[] prompt = _model.Tokenizer.Encode(Fit(request, start));
        var logits = new VerdictLogits(_words);
        GenerationOptions options = new()
        {
            Temperature = 0,
            MaxTokens = 1,
            Adapters = _options.Adapters,
            PrefixScope = request.PrefixScope ?? $"guard {Guid.NewGuid():N}",
            PublicPrefixTokenCount = _model.Tokenizer.Encode(start).Zip(prompt).TakeWhile(pair => pair.First == pair.Second).Count(),
            LogitProcessors = [new LogitProcessorStep(_ => logits)],
        };
        await foreach (GenerationUpdate _ in _model.GenerateAsync((int[])[.. prompt, .. _words.Shared], options, cancellationToken).ConfigureAwait(false))
        {
        }

        if (!logits.IsRead)
            throw new GuardException($"{_model.GetType().Name} does not run the logit processors of a generation, which the guard needs to read a verdict.");
        if (logits.Mass < _options.MinMass)
        {
            throw new GuardException(
                $"The model gives the words 'safe' and 'unsafe' together the probability {logits.Mass:G3}, less than {_options.MinMass:G3}. It was not trained as a guard with this prompt, or the message confuses it.");
        }

        if (logits.Probability < _options.Threshold)
            return GuardVerdict.Safe with { Probability = logits.Probability, Mass = logits.Mass };
        GuardCategory[] categories = _options.NameCategories ? await NameCategoriesAsync(prompt, options, cancellationToken).ConfigureAwait(false) : [];
        return GuardVerdict.Unsafe(categories) with { Probability = logits.Probability, Mass = logits.Mass };
    }

    /// <summary>The prompt that the model reads for a request, without the begin-of-sequence token. For inspection, and for making training data in the same form.</summary>
    /// <param name="request">The request.</param>
    /// <exception cref="GuardException">The judged message does not fit in the model's context.</exception>
    public string WritePrompt(GuardRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return Fit(request, LlamaGuardPrompt.WriteStart(_options.Policy, request.Judged.Role));
    }

    // The whole prompt, with as many of the latest messages as fit. The number of tokens grows with the number of messages, so a binary search finds it.
    private string Fit(GuardRequest request, string start)
    {
        int room = _model.ContextLength - _words.UnsafeLine.Count - _answerLength;
        long maxLength = (long)Math.Max(0, room) * MaxTokenLength;
        if (request.Judged.Content.Length + MinTurnLength > maxLength)
            throw TooLong($"{request.Judged.Content.Length:N0} characters");
        List<string> turns = [];
        long length = 0;
        for (int i = request.Messages.Count - 1; i >= 0 && length <= maxLength; i--)
        {
            if (request.Messages[i].Role == LlamaRole.System && i < request.Messages.Count - 1)
                continue;
            // A turn without text is not empty in the prompt.
            length += request.Messages[i].Content.Length + MinTurnLength;
            if (length <= maxLength)
                turns.Add(LlamaGuardPrompt.WriteTurn(request.Messages[i]));
        }

        turns.Reverse();
        string end = LlamaGuardPrompt.WriteEnd(request.Judged.Role);
        int fewest = 0, most = turns.Count - 1;
        while (fewest < most)
        {
            int omitted = (fewest + most) / 2;
            if (Count(omitted) <= room)
                most = omitted;
            else
                fewest = omitted + 1;
        }

        int tokenCount = Count(fewest);
        return tokenCount <= room ? Write(fewest) : throw TooLong($"{tokenCount:N0} tokens with the policy");

        string Write(int omitted) => string.Concat([start, .. turns.Skip(omitted), end]);
        int Count(int omitted) => _model.Tokenizer.Encode(Write(omitted)).Length;
        GuardException TooLong(string what) => new(
            $"The judged message has {what}, and the context of the guard model holds {_model.ContextLength:N0} tokens, of which {_answerLength + _words.UnsafeLine.Count:N0} are for the answer. Judge the message in parts, use a shorter policy, or refuse the message.");
    }

    private async Task<GuardCategory[]> NameCategoriesAsync(int[] prompt, GenerationOptions options, CancellationToken cancellationToken)
    {
        GenerationOptions constrained = options with { LogitProcessors = [], Constraint = _categories, MaxTokens = _answerLength };
        string answer = "";
        await foreach (GenerationUpdate update in _model.GenerateAsync((int[])[.. prompt, .. _words.UnsafeLine], constrained, cancellationToken).ConfigureAwait(false))
            answer += update.Text;
        string[] codes = answer.Trim().Split(',');
        return [.. _options.Policy.Categories.Where(category => codes.Contains(category.Code))];
    }
}
