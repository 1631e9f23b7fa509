using System.Diagnostics;

namespace Llama2.Extensions.Telemetry;

/// <summary>
/// The measurement of one request. It ends when this object is disposed. If the caller abandoned the enumeration of the answer without disposing the
/// enumerator, the measurement ends when the garbage collector collects this object.
/// </summary>
internal sealed class RequestMeasurement(LlamaMetrics metrics, string modelId, Activity? activity) : IDisposable
{
    /// <summary>Waits for a step of the request. If the step throws, an error is counted, unless the request was cancelled.</summary>
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
        RequestUsage.Current?.AddPrompt(0, (int)promptTokenCount);
        activity?.SetTag("llama2.prompt.tokens", promptTokenCount);
    }

    // Listeners of a meter run code of the application, which must not block the finalizer thread. The activity is not ended, because that would
    // change the current activity of the thread.
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
            // This is a listener's exception. The request has no caller any more to whom the exception could be reported, and an unhandled exception
            // would end the process.
        }
    }
}
