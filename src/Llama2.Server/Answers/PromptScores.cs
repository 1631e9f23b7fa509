using System.Runtime.CompilerServices;
using Llama2.Extensions.Telemetry;
using Llama2.Server.Errors;
using Llama2.Server.Models;

namespace Llama2.Server.Answers;

/// <summary>Computes the log-probabilities of the tokens of prompts.</summary>
/// <param name="model">The model.</param>
/// <param name="prompts">The prompts, which are computed together.</param>
/// <param name="topCount">The number of likeliest tokens at each position.</param>
/// <param name="prefixScope">The scope in which keys and values are reused; null for the model's own.</param>
internal sealed class PromptScores(ServedModel model, ReadOnlyMemory<int>[] prompts, int topCount, string? prefixScope)
{
    private readonly ComputationOptions _options = new() { PrefixScope = prefixScope, Adapters = model.Adapters };

    /// <summary>The scored tokens of each prompt: all but the first.</summary>
    /// <exception cref="RequestException">The model does not compute them.</exception>
    public async Task<ScoredToken[][]> ComputeAsync(CancellationToken cancellationToken)
    {
        var scores = new ScoredToken[prompts.Length][];
        await foreach ((int index, ScoredToken[] tokens) in MergedChoices.MergeAsync(prompts.Length, ComputeAsync, cancellationToken).ConfigureAwait(false))
            scores[index] = tokens;
        return scores;
    }

    private async IAsyncEnumerable<ScoredToken[]> ComputeAsync(int index, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        yield return prompts[index].Length < 2 ? [] : await ScoreAsync(index, cancellationToken).ConfigureAwait(false);
    }

    private async Task<ScoredToken[]> ScoreAsync(int index, CancellationToken cancellationToken)
    {
        using RequestMeasurement measurement = model.Measure("text_completion");
        try
        {
            ScoredToken[] scores = await measurement.WatchAsync(new ValueTask<ScoredToken[]>(
                MeasuredModel.For(model.Model, index).ComputeTopLogProbabilitiesAsync(prompts[index], topCount, 1, _options, cancellationToken))).ConfigureAwait(false);
            measurement.Complete(prompts[index].Length, index);
            return scores;
        }
        catch (NotSupportedException) when (model.Model is not LlamaModel)
        {
            // A model of the application need not compute them; the library's own always does, so its exception is a fault.
            throw RequestException.Invalid("logprobs", $"'logprobs' together with 'echo' is not supported by the model '{model.Id}'; leave one of them out.", "unsupported_parameter");
        }
    }
}
