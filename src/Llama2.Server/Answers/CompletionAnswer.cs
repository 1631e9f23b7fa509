using System.Runtime.CompilerServices;
using System.Text;
using Llama2.Extensions.Telemetry;
using Llama2.Server.Models;
using Llama2.Server.Protocol;
using Llama2.Server.Requests;

namespace Llama2.Server.Answers;

/// <summary>The answer to a request for completions: each prompt's texts, one prompt after the other.</summary>
/// <param name="request">The request.</param>
/// <param name="model">The model.</param>
/// <param name="prefixScope">The scope in which keys and values are reused; null for the model's own.</param>
/// <param name="created">The time, in seconds since 1970.</param>
internal sealed class CompletionAnswer(CompletionRequest request, ServedModel model, string? prefixScope, long created)
{
    private readonly string _id = $"cmpl-{Guid.NewGuid():N}";
    private readonly UsageTotal _usage = new();
    private readonly ReadOnlyMemory<int>[] _prompts = request.Prompts.Encode(model.Model.Tokenizer, request.Suffix);

    private bool ScoresPrompts => request.Echoes && request.Generation.LogProbabilities;

    /// <summary>The whole answer.</summary>
    public async Task<Completion> CompleteAsync(CancellationToken cancellationToken)
    {
        int count = _prompts.Length * request.ChoiceCount;
        var texts = Array.ConvertAll(new StringBuilder[count], _ => new StringBuilder());
        CompletionLogprobList[] logprobs = CreateLogprobs();
        var reasons = new string[count];
        await ScoreAsync(logprobs, cancellationToken).ConfigureAwait(false);
        await foreach ((int index, GenerationUpdate update) in ReadUpdatesAsync(cancellationToken).ConfigureAwait(false))
        {
            texts[index].Append(update.Text);
            logprobs[index].Add(update);
            reasons[index] = ReasonOf(update) ?? reasons[index];
        }

        CompletionChoice[] choices = [.. texts.Select((text, index) => new CompletionChoice(
            index, EchoOf(index) + text, request.Generation.LogProbabilities ? logprobs[index].Take() : null, reasons[index]))];
        return ToCompletion(choices, _usage.ToUsage());
    }

    /// <summary>The answer in parts.</summary>
    public async IAsyncEnumerable<Completion> StreamAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        int count = _prompts.Length * request.ChoiceCount;
        var hasBegun = new bool[count];
        CompletionLogprobList[] logprobs = CreateLogprobs();
        await ScoreAsync(logprobs, cancellationToken).ConfigureAwait(false);
        await foreach ((int index, GenerationUpdate update) in ReadUpdatesAsync(cancellationToken).ConfigureAwait(false))
        {
            if (!hasBegun[index] && request.Echoes)
                yield return ToCompletion([new CompletionChoice(index, EchoOf(index), TakeNew(logprobs[index]))]);
            hasBegun[index] = true;
            logprobs[index].Add(update);
            CompletionLogprobs? taken = TakeNew(logprobs[index]);
            string? reason = ReasonOf(update);
            if (update.Text.Length > 0 || taken is not null || reason is not null)
                yield return ToCompletion([new CompletionChoice(index, update.Text, taken, reason)]);
        }

        if (request.Stream.IncludesUsage)
            yield return ToCompletion([], _usage.ToUsage());
    }

    private static string? ReasonOf(in GenerationUpdate update) => update.FinishReason switch
    {
        null => null,
        FinishReason.MaxTokens or FinishReason.ContextLength => "length",
        _ => "stop",
    };

    private CompletionLogprobs? TakeNew(CompletionLogprobList logprobs) => request.Generation.LogProbabilities && logprobs.Count > 0 ? logprobs.Take() : null;

    private CompletionLogprobList[] CreateLogprobs()
    {
        var lists = new CompletionLogprobList[_prompts.Length * request.ChoiceCount];
        for (int i = 0; i < lists.Length; i++)
        {
            bool continues = !request.Echoes && Array.Exists(_prompts[i / request.ChoiceCount].ToArray(), token => !model.Model.Tokenizer.IsControl(token));
            lists[i] = new CompletionLogprobList(model.Model.Tokenizer, request.Generation.TopLogProbabilityCount, continues);
        }

        return lists;
    }

    private string EchoOf(int index) => request.Echoes ? request.Prompts.TextOf(index / request.ChoiceCount, model.Model.Tokenizer) : "";

    private Completion ToCompletion(CompletionChoice[] choices, Usage? usage = null) => new(_id, created, model.Id, model.SystemFingerprint, choices, usage);

    private async IAsyncEnumerable<(int Index, GenerationUpdate Update)> ReadUpdatesAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        int count = _prompts.Length * request.ChoiceCount;
        await foreach ((int index, GenerationUpdate update) in MergedChoices.MergeAsync(count, GenerateAsync, cancellationToken).ConfigureAwait(false))
        {
            // The tokens of a prompt that was scored were all computed for this request.
            if (update.Usage is { } usage)
                _usage.Add(index / request.ChoiceCount, ScoresPrompts ? usage with { CachedTokenCount = 0 } : usage);
            yield return (index, update);
        }
    }

    // The prompts are scored before the first text begins: a generation then finds the keys and values of its prompt.
    private async Task ScoreAsync(CompletionLogprobList[] logprobs, CancellationToken cancellationToken)
    {
        if (!ScoresPrompts)
            return;
        ScoredToken[][] scores = await new PromptScores(model, _prompts, request.Generation.TopLogProbabilityCount, prefixScope).ComputeAsync(cancellationToken).ConfigureAwait(false);
        // The begin-of-sequence token that the server put before a text is not part of the text.
        bool isAdded = request.Prompts.AreTexts && model.Model.Tokenizer.AddsBeginOfSequence;
        for (int i = 0; i < logprobs.Length; i++)
        {
            ScoredToken[] tokens = scores[i / request.ChoiceCount];
            if (!isAdded)
                logprobs[i].AddPrompt(_prompts[i / request.ChoiceCount].Span[0], tokens);
            else if (tokens.Length > 0)
                logprobs[i].AddPrompt(tokens[0].Token, tokens.AsSpan(1));
        }
    }

    private async IAsyncEnumerable<GenerationUpdate> GenerateAsync(int index, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (!request.Generates)
        {
            var none = new GenerationUsage { PromptTokenCount = _prompts[index / request.ChoiceCount].Length, GeneratedTokenCount = 0 };
            yield return new GenerationUpdate("", FinishReason: FinishReason.MaxTokens, Usage: none);
            yield break;
        }

        // With the same seed, all texts of a prompt would be the same.
        GenerationOptions options = model.Prepare(request.Generation, prefixScope) with
        {
            Seed = request.Generation.Seed is { } seed ? unchecked(seed + (ulong)(index % request.ChoiceCount)) : null,
        };
        int prompt = index / request.ChoiceCount;
        using RequestMeasurement measurement = model.Measure("text_completion");
        measurement.SetOptions(options);
        await using IAsyncEnumerator<GenerationUpdate> updates =
            MeasuredModel.For(model.Model, prompt).GenerateAsync(_prompts[prompt], options, cancellationToken).GetAsyncEnumerator(cancellationToken);
        while (await measurement.WatchAsync(updates.MoveNextAsync()).ConfigureAwait(false))
        {
            measurement.Count(updates.Current);
            if (updates.Current is { Usage: { } usage } last)
                measurement.Complete(usage, ReasonOf(last) ?? "stop");
            yield return updates.Current;
        }
    }
}
