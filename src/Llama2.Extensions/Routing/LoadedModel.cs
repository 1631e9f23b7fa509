using System.Collections.Concurrent;
using Llama2.Extensions.Loading;
using Llama2.Extensions.Telemetry;
using Microsoft.Extensions.DependencyInjection;

namespace Llama2.Extensions.Routing;

/// <summary>A model of a router while it is loaded, with its adapters and clients. Thread-safe.</summary>
/// <param name="services">The application's services.</param>
/// <param name="name">The model's name.</param>
/// <param name="options">The model's options.</param>
/// <param name="model">The model; it is disposed with this object.</param>
/// <param name="adapters">The loaded adapters; they are disposed with this object.</param>
/// <param name="byteSize">The memory that is reserved for the model, in bytes.</param>
internal sealed class LoadedModel(IServiceProvider services, string name, LlamaOptions options, ILlamaModel model, ModelAdapters adapters, long byteSize) : IDisposable
{
    // The key of the clients without a chosen adapter. It is empty, because no adapter has an empty name.
    private const string NoAdapter = "";
    private readonly LlamaMetrics _metrics = services.GetRequiredService<LlamaMetrics>();
    private readonly TimeProvider _clock = services.GetService<TimeProvider>() ?? TimeProvider.System;
    private readonly ConcurrentDictionary<string, LlamaChatClient> _clients = new(StringComparer.OrdinalIgnoreCase);

    public string Name => name;

    public ILlamaModel Model => model;

    public long ByteSize => byteSize;

    /// <summary>The chosen adapter, with its scale or, if that is 0, with 1; without a choice, the adapters whose scale is not 0.</summary>
    public IReadOnlyList<LlamaAdapterUse> AdaptersOf(string? adapter) => adapter is null
        ? [.. adapters.Uses.Values.Where(use => use.Scale != 0)]
        : [Chosen(adapter)];

    public LlamaChatClient ClientOf(string? adapter) => _clients.GetOrAdd(adapter ?? NoAdapter, _ => CreateClient(adapter));

    public LlamaEmbeddingGenerator EmbeddingGeneratorOf(string? adapter) =>
        new(model, new EmbeddingOptions { Adapters = AdaptersOf(adapter) }, ModelRoute.NameOf(name, adapter), _metrics, _clock);

    public void Dispose()
    {
        _metrics.RecordUnload(ModelNames.All(name, model)[0], model);
        adapters.Dispose();
        model.Dispose();
    }

    private LlamaAdapterUse Chosen(string adapter) => adapters.Uses[adapter] is { Scale: 0 } unused ? new LlamaAdapterUse(unused.Adapter, 1) : adapters.Uses[adapter];

    private LlamaChatClient CreateClient(string? adapter)
    {
        LlamaChatClientOptions client = options.ToChatClientOptions(ModelRoute.NameOf(name, adapter), adapters);
        if (adapter is not null)
            client = client with { Adapters = new Dictionary<string, LlamaAdapterUse>(StringComparer.OrdinalIgnoreCase) { [adapter] = Chosen(adapter) } };
        return new LlamaChatClient(model, client, _metrics, _clock, ModelLoader.Stopping(services));
    }
}
