namespace Llama2;

/// <summary>
/// The memory that a model takes when it is loaded, computed from the tables of its files without reading the weights. All sizes are in bytes. Immutable.
/// </summary>
public sealed record LlamaMemoryEstimate
{
    /// <summary>The size of the weights in memory. Output matrices that share the embedding table's numbers are in memory a second time.</summary>
    public required long WeightByteSize { get; init; }

    /// <summary>The size of the buffers for intermediate results, including those of each thread.</summary>
    public required long ActivationByteSize { get; init; }

    /// <summary>
    /// The size of the weights, the buffers and one context of the model that <see cref="LlamaModelOptions.DraftModel"/> names; 0 if there is none. This
    /// context has <see cref="ContextLength"/> tokens, or fewer if the draft model was trained for fewer.
    /// </summary>
    public long DraftModelByteSize { get; init; }

    /// <summary>The context length that the model would be loaded with: the maximum number of tokens of a prompt and its answer together.</summary>
    public required int ContextLength { get; init; }

    /// <summary>How keys and values would be stored.</summary>
    public required KeyValueCacheType KeyValueCacheType { get; init; }

    /// <summary>The size of the keys and values of one full context of <see cref="ContextLength"/> tokens.</summary>
    public required long ContextByteSize { get; init; }

    /// <summary>
    /// The maximum size of all keys and values if the model were loaded now: <see cref="LlamaModelOptions.KeyValueCacheByteSize"/> or its default,
    /// which depends on the memory that is available.
    /// </summary>
    public required long KeyValueCacheByteSize { get; init; }

    /// <summary>The memory that the process may still allocate now: the limit of its container, or the machine's memory, minus the memory that the process
    /// holds.</summary>
    public required long AvailableByteSize { get; init; }

    /// <summary>The memory that the model needs for one full context.</summary>
    public long RequiredByteSize => WeightByteSize + ActivationByteSize + ContextByteSize + DraftModelByteSize;

    /// <summary>The memory that the model takes at most, when its keys and values have reached <see cref="KeyValueCacheByteSize"/>.</summary>
    public long MaxByteSize => WeightByteSize + ActivationByteSize + KeyValueCacheByteSize + DraftModelByteSize;

    /// <summary>Whether <see cref="RequiredByteSize"/> is available now.</summary>
    public bool Fits => RequiredByteSize <= AvailableByteSize;
}
