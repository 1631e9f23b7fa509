using System.Diagnostics;

namespace Llama2.Extensions.Telemetry;

/// <summary>
/// The measurement of one request. It ends when this object is disposed. If the caller abandoned the enumeration of the answer without disposing the
/// enumerator, the measurement ends when the garbage collector collects this object. The activity contains no text of prompts, stop sequences or answers.
/// </summary>
/// <param name="metrics">The instruments.</param>
/// <param name="operation">The operation's name in OpenTelemetry's conventions.</param>
/// <param name="modelId">The model's name.</param>
/// <param name="activity">The request's span; null if nobody listens.</param>
internal sealed class RequestMeasurement(LlamaMetrics metrics, string operation, string modelId, Activity? activity) : IDisposable
{
    // The error of a request whose caller stopped reading the answer before its end.
    private const string Abandoned = "abandoned";
    private readonly long _start = Stopwatch.GetTimestamp();
    private bool _isComplete;
    private int _generatedCount;
    private string? _error;

    /// <summary>Adds those options to the activity that affect the answer.</summary>
    public void SetOptions(GenerationOptions options)
    {
        if (activity is not { IsAllDataRequested: true })
            return;
        activity.SetTag(GenerativeTags.Temperature, ToDouble(options.Temperature))
            .SetTag(GenerativeTags.TopP, ToDouble(options.TopP))
            .SetTag(GenerativeTags.TopK, (double)options.TopK)
            .SetTag(GenerativeTags.FrequencyPenalty, ToDouble(options.FrequencyPenalty))
            .SetTag(GenerativeTags.PresencePenalty, ToDouble(options.PresencePenalty));
        if (options.MaxTokens is { } maxTokens)
            activity.SetTag(GenerativeTags.MaxTokens, maxTokens);
        if (options.Seed is { } seed)
            activity.SetTag(GenerativeTags.Seed, unchecked((long)seed));
    }

    /// <summary>Waits for a step of the request. If the step throws, an error is counted, unless the request was cancelled.</summary>
    public async ValueTask<T> WatchAsync<T>(ValueTask<T> step)
    {
        try
        {
            return await step.ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            _error = exception.GetType().FullName;
            if (exception is not OperationCanceledException)
            {
                metrics.RecordError(modelId, exception);
            }

            throw;
        }
    }

    /// <summary>Counts the token of an update. If the generation is ended early, these tokens are recorded; the cached ones of the prompt are then not known.</summary>
    public void Count(in GenerationUpdate update)
    {
        if (update.Token is not null)
            _generatedCount++;
    }

    /// <summary>Records a complete generation.</summary>
    /// <param name="usage">The generation's tokens and times.</param>
    /// <param name="finishReason">The reason for the end of the generation, as OpenAI names it.</param>
    public void Complete(GenerationUsage usage, string finishReason)
    {
        _isComplete = true;
        metrics.RecordTokens(modelId, "prompt", usage.PromptTokenCount);
        metrics.RecordTokens(modelId, "cached", usage.CachedTokenCount);
        metrics.RecordTokens(modelId, "generated", usage.GeneratedTokenCount);
        metrics.RecordTokens(modelId, "draft", usage.DraftTokenCount);
        metrics.RecordTokens(modelId, "accepted_draft", usage.AcceptedDraftTokenCount);
        metrics.RecordTimes(operation, modelId, usage);
        if (activity is not { IsAllDataRequested: true })
            return;
        activity.SetTag(GenerativeTags.FinishReasons, new[] { finishReason })
            .SetTag(GenerativeTags.InputTokens, usage.PromptTokenCount)
            .SetTag(GenerativeTags.CachedTokens, usage.CachedTokenCount)
            .SetTag(GenerativeTags.OutputTokens, usage.GeneratedTokenCount)
            .SetTag(GenerativeTags.TimeToFirstChunk, usage.TimeToFirstToken.TotalSeconds)
            .SetTag("llama2.decode_time", usage.DecodeTime.TotalSeconds);
    }

    /// <summary>Records computed embeddings or log-probabilities.</summary>
    /// <param name="promptTokenCount">The number of tokens that were computed.</param>
    /// <param name="promptIndex">Distinguishes the prompts of the request.</param>
    public void Complete(long promptTokenCount, int promptIndex = 0)
    {
        _isComplete = true;
        metrics.RecordTokens(modelId, "prompt", promptTokenCount);
        RequestUsage.Current?.AddPrompt(promptIndex, (int)promptTokenCount);
        activity?.SetTag(GenerativeTags.InputTokens, promptTokenCount);
    }

    // Listeners of a meter run code of the application, which must not block the finalizer thread. The activity is not ended, because that would
    // change the current activity of the thread.
    ~RequestMeasurement() => ThreadPool.UnsafeQueueUserWorkItem(static request => request.RecordDropped(), this, preferLocal: false);

    public void Dispose()
    {
        GC.SuppressFinalize(this);
        string? error = RecordEnd();
        if (activity is null)
            return;
        if (error is not null)
            activity.SetStatus(ActivityStatusCode.Error).SetTag(GenerativeTags.ErrorType, error);
        activity.Dispose();
    }

    // The float nearest to 0.8 must be reported as 0.8; if it were converted to a double directly, it would be reported as 0.800000011920929.
    private static double ToDouble(float value) => (double)(decimal)value;

    private string? RecordEnd()
    {
        string? error = _error ?? (_isComplete ? null : Abandoned);
        if (!_isComplete)
            metrics.RecordTokens(modelId, "generated", _generatedCount);
        metrics.RecordEnd(operation, modelId, Stopwatch.GetElapsedTime(_start), error);
        return error;
    }

    private void RecordDropped()
    {
        try
        {
            RecordEnd();
        }
        catch (Exception)
        {
            // A listener threw this exception. The request has no caller any more to whom the exception could be reported, and an unhandled exception
            // would end the process.
        }
    }
}
