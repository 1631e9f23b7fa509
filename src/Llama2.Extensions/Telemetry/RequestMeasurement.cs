using System.Diagnostics;

namespace Llama2.Extensions.Telemetry;

/// <summary>
/// One request, from its start until it is disposed, or until the garbage collector collects it if its enumeration was abandoned without being
/// disposed.
/// </summary>
internal sealed class RequestMeasurement(LlamaMetrics metrics, string modelId, Activity? activity) : IDisposable
{
    /// <summary>Waits for a step of the request; if the step throws, counts an error, unless the request was cancelled.</summary>
    public async ValueTask<T> WatchAsync<T>(ValueTask<T> step)
    {
        try
        {
            return await step.ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            activity?.SetStatus(ActivityStatusCode.Error, exception.Message);
            if (exception is not OperationCanceledException)
            {
                metrics.RecordError(modelId, exception);
            }

            throw;
        }
    }

    /// <summary>Records a complete generation.</summary>
    public void Complete(GenerationUsage usage)
    {
        metrics.RecordTokens(modelId, "prompt", usage.PromptTokenCount);
        metrics.RecordTokens(modelId, "cached", usage.CachedTokenCount);
        metrics.RecordTokens(modelId, "generated", usage.GeneratedTokenCount);
        metrics.RecordRates(modelId, usage);
        activity?.SetTag("llama2.prompt.tokens", usage.PromptTokenCount)
            .SetTag("llama2.prompt.cached_tokens", usage.CachedTokenCount)
            .SetTag("llama2.generated.tokens", usage.GeneratedTokenCount)
            .SetTag("llama2.time_to_first_token", usage.TimeToFirstToken.TotalSeconds)
            .SetTag("llama2.decode_time", usage.DecodeTime.TotalSeconds);
    }

    /// <summary>Records computed embeddings.</summary>
    public void Complete(long promptTokenCount)
    {
        metrics.RecordTokens(modelId, "prompt", promptTokenCount);
        activity?.SetTag("llama2.prompt.tokens", promptTokenCount);
    }

    // Listeners run foreign code, which must not block the finalizer thread. The activity is not ended, because that would change the thread's
    // current activity.
    ~RequestMeasurement() => ThreadPool.UnsafeQueueUserWorkItem(static request => RecordDropped(request.metrics, request.modelId), (metrics, modelId), preferLocal: false);

    public void Dispose()
    {
        GC.SuppressFinalize(this);
        metrics.RecordEnd(modelId);
        activity?.Dispose();
    }

    private static void RecordDropped(LlamaMetrics metrics, string modelId)
    {
        try
        {
            metrics.RecordEnd(modelId);
        }
        catch (Exception)
        {
            // A listener's exception. The request's caller is gone, so it cannot be reported, and unhandled it would end the process.
        }
    }
}
