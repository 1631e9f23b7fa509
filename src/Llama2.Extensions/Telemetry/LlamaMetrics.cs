using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;

namespace Llama2.Extensions.Telemetry;

/// <summary>
/// The instruments for metrics. Microsoft.Extensions.AI measures requests as the caller sees them; these instruments measure the work of the engine.
/// </summary>
internal sealed class LlamaMetrics : IDisposable
{
    private const string ModelTag = "llama2.model";
    private const string TokenTypeTag = "llama2.token.type";
    private static readonly ActivitySource s_activitySource = new(LlamaTelemetry.Name);
    private readonly Meter _meter;
    private readonly ConcurrentDictionary<string, ILlamaModel> _models = new();
    private readonly Histogram<double> _loadDuration;
    private readonly Histogram<double> _prefillRate;
    private readonly Histogram<double> _decodeRate;
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
        _loadDuration = meter.CreateHistogram<double>("llama2.model.load.duration", "s", "Time to load a model.");
        _prefillRate = meter.CreateHistogram<double>("llama2.prefill.rate", "{token}/s", "Prompt tokens computed per second; the time includes the wait for other requests.");
        _decodeRate = meter.CreateHistogram<double>("llama2.decode.rate", "{token}/s", "Tokens generated per second after the first token.");
        _tokens = meter.CreateCounter<long>("llama2.tokens", "{token}", "Prompt tokens, cached prompt tokens and generated tokens; the tag llama2.token.type says which of the three.");
        _activeRequests = meter.CreateUpDownCounter<long>("llama2.requests.active", "{request}", "Requests under way.");
        _errors = meter.CreateCounter<long>("llama2.request.errors", "{request}", "Requests that failed; cancelled requests do not count.");
        meter.CreateObservableGauge("llama2.calls.running", () => Observe(statistics => statistics.RunningCount), "{call}", "Calls that a model computes.");
        meter.CreateObservableGauge("llama2.calls.waiting", () => Observe(statistics => statistics.WaitingCount), "{call}", "Calls that wait for memory.");
        meter.CreateObservableGauge("llama2.calls.stalled", () => Observe(statistics => statistics.StalledCount), "{call}", "Running calls that wait until their updates are read.");
        meter.CreateObservableCounter("llama2.calls.abandoned", () => Observe(statistics => statistics.AbandonedCount), "{call}", "Calls that were ended because their updates were not read.");
        meter.CreateObservableGauge("llama2.cache.used", () => Observe(statistics => statistics.KeyValueCacheUsedByteSize), "By", "Memory used by the keys and values of running calls.");
        meter.CreateObservableGauge("llama2.cache.limit", () => Observe(statistics => statistics.KeyValueCacheByteSize), "By", "The limit of the memory for keys and values.");
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

    /// <summary>Records that a model is about to be disposed; the gauges observe it no more.</summary>
    public void RecordUnload(string modelId, ILlamaModel model) => _models.TryRemove(KeyValuePair.Create(modelId, model));

    /// <summary>Records the beginning of a request; disposing the result records its end.</summary>
    public RequestMeasurement StartRequest(string operation, string modelId)
    {
        Activity? activity = s_activitySource.StartActivity(operation)?.SetTag(ModelTag, modelId);
        _activeRequests.Add(1, ModelIs(modelId));
        return new RequestMeasurement(this, modelId, activity);
    }

    public void RecordEnd(string modelId) => _activeRequests.Add(-1, ModelIs(modelId));

    public void RecordError(string modelId, Exception exception) =>
        _errors.Add(1, ModelIs(modelId), new("error.type", exception.GetType().FullName));

    public void RecordTokens(string modelId, string type, long count)
    {
        if (count > 0)
        {
            _tokens.Add(count, ModelIs(modelId), new(TokenTypeTag, type));
        }
    }

    public void RecordRates(string modelId, GenerationUsage usage)
    {
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

    private IEnumerable<Measurement<long>> Observe(Func<LlamaModelStatistics, long> value) =>
        _models.Select(named => new Measurement<long>(value(named.Value.Statistics), ModelIs(named.Key)));

    private static KeyValuePair<string, object?> ModelIs(string modelId) => new(ModelTag, modelId);
}
