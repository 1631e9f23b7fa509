using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;

namespace Llama2.Extensions;

/// <summary>The instruments. What a request is and costs to its caller is Microsoft.Extensions.AI's to report; here is what the engine does.</summary>
internal sealed class LlamaMetrics
{
    private const string ModelTag = "llama2.model";
    private const string TokenTypeTag = "llama2.token.type";
    private static readonly ActivitySource s_activitySource = new(LlamaTelemetry.Name);
    private static readonly Meter s_meter = new(LlamaTelemetry.Name);
    private readonly Histogram<double> _loadDuration;
    private readonly Histogram<double> _prefillRate;
    private readonly Histogram<double> _decodeRate;
    private readonly Counter<long> _tokens;
    private readonly UpDownCounter<long> _activeRequests;
    private readonly Counter<long> _errors;

    /// <summary>Instruments of the container's meter factory, so that they can be told apart from those of another; or the process's, if it has none.</summary>
    public LlamaMetrics(IServiceProvider services)
        : this(services.GetService<IMeterFactory>()?.Create(LlamaTelemetry.Name) ?? s_meter)
    {
    }

    private LlamaMetrics(Meter meter)
    {
        _loadDuration = meter.CreateHistogram<double>("llama2.model.load.duration", "s", "Time to load a model.");
        _prefillRate = meter.CreateHistogram<double>("llama2.prefill.rate", "{token}/s", "Prompt tokens computed a second, waiting included.");
        _decodeRate = meter.CreateHistogram<double>("llama2.decode.rate", "{token}/s", "Tokens generated a second, after the first.");
        _tokens = meter.CreateCounter<long>("llama2.tokens", "{token}", "Tokens of prompts, those of them that were cached, and tokens generated.");
        _activeRequests = meter.CreateUpDownCounter<long>("llama2.requests.active", "{request}", "Requests under way.");
        _errors = meter.CreateCounter<long>("llama2.request.errors", "{request}", "Requests that failed; cancelled ones do not count.");
    }

    /// <summary>The instruments of clients that no container made.</summary>
    public static LlamaMetrics Shared { get; } = new(s_meter);

    public static Activity? StartLoad(string modelPath) =>
        s_activitySource.StartActivity("load")?.SetTag("llama2.model.path", modelPath);

    public void RecordLoad(string modelId, TimeSpan time) => _loadDuration.Record(time.TotalSeconds, ModelIs(modelId));

    /// <summary>A request begins; disposing what is returned ends it.</summary>
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

    private static KeyValuePair<string, object?> ModelIs(string modelId) => new(ModelTag, modelId);
}
