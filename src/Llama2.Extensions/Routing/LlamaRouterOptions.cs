namespace Llama2.Extensions;

/// <summary>
/// The options of the <see cref="LlamaRouter"/> that <c>AddLlamaRouter</c> registers. They are checked when a host starts or, without a host, when the
/// router is first resolved. They are read once; later changes have no effect.
/// </summary>
public sealed class LlamaRouterOptions
{
    /// <summary>
    /// The models, each under the name by which requests choose it. Names are compared without regard to case. A model is loaded by the first request
    /// for it. Required: at least one model.
    /// </summary>
    public IDictionary<string, LlamaOptions> Models { get; } = new Dictionary<string, LlamaOptions>(StringComparer.OrdinalIgnoreCase);

    /// <summary>Further names: each key is an alias, and its value is the name of a model or of a model with an adapter, such as <c>llama:poems</c>. Default empty.</summary>
    public IDictionary<string, string> Aliases { get; } = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);

    /// <summary>
    /// The name or alias of the model for requests that name none. Null (the default) means the only model; with several models such requests are refused.
    /// </summary>
    public string? DefaultModel { get; set; }

    /// <summary>
    /// The names or aliases of models that are loaded in the background when the host starts, one after the other. After loading, one token is generated with
    /// each model. If one of them cannot be loaded, the host stops, unless <c>HostOptions.BackgroundServiceExceptionBehavior</c> tells it to continue.
    /// Default empty: each model is loaded by the first request for it.
    /// </summary>
    public IList<string> LoadOnStart { get; } = [];

    /// <summary>
    /// The maximum memory of all loaded models together in bytes, 1 MiB or more: their weights, buffers, adapters, and keys and values. Null (the default)
    /// means four fifths of the memory that the process may hold: the limit of its container, or the memory of the machine.
    /// </summary>
    public long? MemoryByteSize { get; set; }

    /// <summary>
    /// How many full contexts of keys and values a model has room for, unless <see cref="LlamaOptions.KeyValueCacheByteSize"/> of its options is set: 1 to
    /// 64, default 2. If the budget is too small for so many, the model gets fewer, but always one. Many short conversations fit into one context.
    /// </summary>
    public int ContextCount { get; set; } = 2;

    /// <summary>
    /// How long a model stays loaded after its last use: 1 millisecond to 30 days. Null (the default) means that it stays loaded until its memory is needed
    /// for another model.
    /// </summary>
    public TimeSpan? IdleTime { get; set; }

    /// <summary>
    /// How long a request waits until the models that are answering leave enough memory for its model: 1 millisecond to 30 days, default 1 minute. Then
    /// it is refused with <see cref="LlamaBusyException"/>.
    /// </summary>
    public TimeSpan RoomTimeout { get; set; } = TimeSpan.FromMinutes(1);
}
