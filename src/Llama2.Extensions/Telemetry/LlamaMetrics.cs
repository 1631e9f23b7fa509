using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;

namespace Llama2.Extensions.Telemetry;

/// <summary>
/// The instruments for metrics. Microsoft.Extensions.AI measures requests as the caller sees them; these instruments measure the work of the engine.
/// Those whose names begin with <c>gen_ai</c> follow OpenTelemetry's conventions for model servers.
/// </summary>
internal sealed class LlamaMetrics : IDisposable
{
    private const string ModelTag = "llama2.model";
    private const string TokenTypeTag = "llama2.token.type";
    private static readonly ActivitySource s_activitySource = new(LlamaTelemetry.Name);
    // The boundaries that the conventions recommend.
    private static readonly InstrumentAdvice<double> s_durations = new() { HistogramBucketBoundaries = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92] };
    private static readonly InstrumentAdvice<double> s_firstTokens = new()
    {
        HistogramBucketBoundaries = [0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0],
    };
    private static readonly InstrumentAdvice<double> s_outputTokens = new() { HistogramBucketBoundaries = [0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1.0, 2.5] };
    private static readonly InstrumentAdvice<double> s_rates = new() { HistogramBucketBoundaries = [1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10000] };
    private readonly Meter _meter;
    private readonly ConcurrentDictionary<string, ILlamaModel> _models = new();
    private readonly Histogram<double> _loadDuration;
    private readonly Histogram<double> _prefillRate;
    private readonly Histogram<double> _decodeRate;
    private readonly Histogram<double> _duration;
    private readonly Histogram<double> _timeToFirstToken;
    private readonly Histogram<double> _timePerOutputToken;
    private readonly Counter<long> _tokens;
    private readonly UpDownCounter<long> _activeRequests;
    private readonly Counter<long> _errors;

    /// <summary>
    /// Creates the instruments with the container's meter factory, so that they can be distinguished from the instruments of another container. If
    /// the container has no meter factory, the instruments belong to a new meter.
    /// </summary>
    public LlamaMetrics(IServiceProvider services)
        : this(services.GetService<IMeterFactory>()?.Create(LlamaTelemetry.Name) ?? new Meter(LlamaTelemetry.Name))
    {
    }

    private LlamaMetrics(Meter meter)
    {
        _meter = meter;
        _duration = meter.CreateHistogram("gen_ai.server.request.duration", "s", "Time from the beginning of a request to the end of its answer.", null, s_durations);
        _timeToFirstToken = meter.CreateHistogram(
            "gen_ai.server.time_to_first_token", "s", "Time until the first token of a complete answer was generated, including the wait for other requests.", null, s_firstTokens);
        _timePerOutputToken = meter.CreateHistogram("gen_ai.server.time_per_output_token", "s", "Time per token of a complete answer after its first token.", null, s_outputTokens);
        _loadDuration = meter.CreateHistogram("llama2.model.load.duration", "s", "Time to load a model.", null, s_durations);
        _prefillRate = meter.CreateHistogram("llama2.prefill.rate", "{token}/s", "Prompt tokens computed per second; the time includes the wait for other requests.", null, s_rates);
        _decodeRate = meter.CreateHistogram("llama2.decode.rate", "{token}/s", "Tokens generated per second after the first token.", null, s_rates);
        _tokens = meter.CreateCounter<long>("llama2.tokens", "{token}", "Prompt tokens, cached prompt tokens, generated tokens, guessed tokens, and guesses that were right; the tag llama2.token.type says which.");
        _activeRequests = meter.CreateUpDownCounter<long>("llama2.requests.active", "{request}", "Requests under way.");
        _errors = meter.CreateCounter<long>("llama2.request.errors", "{request}", "Requests that failed; cancelled requests do not count.");
        meter.CreateObservableGauge("llama2.calls.running", () => Observe(statistics => statistics.RunningCount), "{call}", "Calls that a model computes.");
        meter.CreateObservableGauge("llama2.calls.waiting", () => Observe(statistics => statistics.WaitingCount), "{call}", "Calls that wait for memory.");
        meter.CreateObservableGauge("llama2.calls.stalled", () => Observe(statistics => statistics.StalledCount), "{call}", "Running calls that wait until their updates are read.");
        meter.CreateObservableCounter("llama2.calls.abandoned", () => Observe(statistics => statistics.AbandonedCount), "{call}", "Calls that were ended because their updates were not read.");
        meter.CreateObservableGauge("llama2.model.weights", () => Observe(statistics => statistics.WeightByteSize), "By", "Memory used by the weights of a loaded model.");
        meter.CreateObservableGauge("llama2.cache.used", () => Observe(statistics => statistics.KeyValueCacheUsedByteSize), "By", "Memory used by the keys and values of running calls.");
        meter.CreateObservableGauge("llama2.cache.limit", () => Observe(statistics => statistics.KeyValueCacheByteSize), "By", "The limit of the memory for keys and values.");
        meter.CreateObservableGauge("llama2.cache.page", () => Observe(statistics => statistics.KeyValuePageByteSize), "By", "The size of a page, the unit in which memory for keys and values is given to calls.");
        meter.CreateObservableGauge("llama2.cache.used_pages", () => Observe(UsedPageCount), "{page}", "Pages with keys and values of running calls.");
    }

    /// <summary>The instruments of clients that were not created by a container.</summary>
    public static LlamaMetrics Shared { get; } = new(new Meter(LlamaTelemetry.Name));

    public static Activity? StartLoad(string modelPath) =>
        s_activitySource.StartActivity("load")?.SetTag("llama2.model.path", modelPath);

    /// <summary>Records that a model was loaded; from then on, the gauges observe the model.</summary>
    public void RecordLoad(string modelId, ILlamaModel model, TimeSpan time)
    {
        _models[modelId] = model;
        _loadDuration.Record(time.TotalSeconds, ModelIs(modelId));
    }

    /// <summary>Records that a model is about to be disposed; from then on, the gauges no longer observe the model.</summary>
    public void RecordUnload(string modelId, ILlamaModel model) => _models.TryRemove(KeyValuePair.Create(modelId, model));

    /// <summary>Changes the name under which a loaded model is observed to the name that a server gives the model in its answers.</summary>
    public void Rename(ILlamaModel model, string modelId)
    {
        foreach ((string name, ILlamaModel observed) in _models)
        {
            if (ReferenceEquals(observed, model) && name != modelId && _models.TryRemove(name, out _))
                _models[modelId] = model;
        }
    }

    /// <summary>Records the beginning of a request; disposing the result records its end.</summary>
    /// <param name="operation">The operation's name in OpenTelemetry's conventions: <c>chat</c>, <c>text_completion</c> or <c>embeddings</c>.</param>
    /// <param name="modelId">The model's name.</param>
    public RequestMeasurement StartRequest(string operation, string modelId)
    {
        Activity? activity = s_activitySource.StartActivity(operation);
        if (activity is not null)
        {
            activity.DisplayName = $"{operation} {modelId}";
            activity.SetTag(GenerativeTags.Operation, operation)
                .SetTag(GenerativeTags.Provider, LlamaTelemetry.ProviderName)
                .SetTag(GenerativeTags.RequestModel, modelId)
                .SetTag(GenerativeTags.ResponseModel, modelId);
        }

        _activeRequests.Add(1, ModelIs(modelId));
        return new RequestMeasurement(this, operation, modelId, activity);
    }

    /// <summary>Records the end of a request.</summary>
    /// <param name="operation">The operation's name.</param>
    /// <param name="modelId">The model's name.</param>
    /// <param name="time">The time since the beginning of the request.</param>
    /// <param name="error">The class of the error that ended the request; null if it is complete.</param>
    public void RecordEnd(string operation, string modelId, TimeSpan time, string? error)
    {
        _activeRequests.Add(-1, ModelIs(modelId));
        TagList tags = TagsOf(operation, modelId);
        if (error is not null)
            tags.Add(GenerativeTags.ErrorType, error);
        _duration.Record(time.TotalSeconds, tags);
    }

    public void RecordError(string modelId, Exception exception) =>
        _errors.Add(1, ModelIs(modelId), new(GenerativeTags.ErrorType, exception.GetType().FullName));

    public void RecordTokens(string modelId, string type, long count)
    {
        if (count > 0)
        {
            _tokens.Add(count, ModelIs(modelId), new(TokenTypeTag, type));
        }
    }

    /// <summary>Records the times and rates of a complete generation.</summary>
    public void RecordTimes(string operation, string modelId, GenerationUsage usage)
    {
        TagList tags = TagsOf(operation, modelId);
        _timeToFirstToken.Record(usage.TimeToFirstToken.TotalSeconds, tags);
        if (usage.GeneratedTokenCount > 1)
        {
            _timePerOutputToken.Record(usage.DecodeTime.TotalSeconds / (usage.GeneratedTokenCount - 1), tags);
        }

        if (usage.PromptTokensPerSecond > 0)
        {
            _prefillRate.Record(usage.PromptTokensPerSecond, ModelIs(modelId));
        }

        if (usage.GeneratedTokensPerSecond > 0)
        {
            _decodeRate.Record(usage.GeneratedTokensPerSecond, ModelIs(modelId));
        }
    }

    /// <summary>Disposes the instruments. If they were created with a meter factory, the factory disposes them too.</summary>
    public void Dispose() => _meter.Dispose();

    private static TagList TagsOf(string operation, string modelId) => new()
    {
        { GenerativeTags.Operation, operation },
        { GenerativeTags.Provider, LlamaTelemetry.ProviderName },
        { GenerativeTags.RequestModel, modelId },
        { GenerativeTags.ResponseModel, modelId },
    };

    private static long UsedPageCount(LlamaModelStatistics statistics) =>
        statistics.KeyValuePageByteSize == 0 ? 0 : statistics.KeyValueCacheUsedByteSize / statistics.KeyValuePageByteSize;

    private IEnumerable<Measurement<long>> Observe(Func<LlamaModelStatistics, long> value) =>
        _models.Select(named => new Measurement<long>(value(named.Value.Statistics), ModelIs(named.Key)));

    private static KeyValuePair<string, object?> ModelIs(string modelId) => new(ModelTag, modelId);
}
