using System.Runtime.CompilerServices;
using System.Text;
using Llama2.Extensions.Telemetry;
using Llama2.Server.Models;

namespace Llama2.Server.LlamaCpp;

/// <summary>Fills a gap.</summary>
/// <param name="request">The request.</param>
/// <param name="model">The model.</param>
/// <param name="prompt">The prompt.</param>
/// <param name="prefixScope">The scope in which keys and values are reused; null for the model's own.</param>
internal sealed class InfillAnswer(InfillRequest request, ServedModel model, ReadOnlyMemory<int> prompt, string? prefixScope)
{
    private bool _hasNewLine;

    /// <summary>The whole text.</summary>
    public async Task<InfillCompletion> CompleteAsync(CancellationToken cancellationToken)
    {
        var text = new StringBuilder();
        List<int> tokens = [];
        InfillCompletion? last = null;
        await foreach (InfillCompletion part in StreamAsync(cancellationToken).ConfigureAwait(false))
        {
            text.Append(part.Content);
            tokens.AddRange(part.Tokens);
            last = part;
        }

        return last! with { Content = text.ToString(), Tokens = tokens };
    }

    /// <summary>The text in parts; the last part states why the text ended.</summary>
    public async IAsyncEnumerable<InfillCompletion> StreamAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        int count = 0;
        GenerationOptions options = model.Prepare(request.Generation, prefixScope);
        using RequestMeasurement measurement = model.Measure("text_completion");
        measurement.SetOptions(options);
        await using IAsyncEnumerator<GenerationUpdate> updates = MeasuredModel.For(model.Model).GenerateAsync(prompt, options, cancellationToken).GetAsyncEnumerator(cancellationToken);
        while (await measurement.WatchAsync(updates.MoveNextAsync()).ConfigureAwait(false))
        {
            GenerationUpdate update = updates.Current;
            measurement.Count(update);
            string text = request.Generates ? update.Text : "";
            _hasNewLine |= text.Contains('\n', StringComparison.Ordinal);
            if (update.Token is not null)
                count++;
            if (update is { FinishReason: { } reason, Usage: { } usage })
            {
                measurement.Complete(usage, reason is FinishReason.MaxTokens or FinishReason.ContextLength ? "length" : "stop");
                yield return End(text, reason, update.StopSequence, request.Generates ? usage : usage with { GeneratedTokenCount = 0 });
            }
            else if (request.Generates && (text.Length > 0 || request.ReturnsTokens))
            {
                yield return new InfillCompletion(text, request.ReturnsTokens && update.Token is { } token ? [token] : [], Stop: false, count, prompt.Length);
            }
        }
    }

    private InfillCompletion End(string text, FinishReason reason, string? stop, GenerationUsage usage) => new(text, [], Stop: true, usage.GeneratedTokenCount, usage.PromptTokenCount)
    {
        Model = model.Id,
        HasNewLine = _hasNewLine,
        Truncated = false,
        StopType = reason switch
        {
            FinishReason.MaxTokens or FinishReason.ContextLength => "limit",
            FinishReason.StopSequence => "word",
            _ => "eos",
        },
        StoppingWord = stop ?? "",
        TokensCached = usage.CachedTokenCount,
        Timings = InfillTimings.Of(usage),
    };
}
