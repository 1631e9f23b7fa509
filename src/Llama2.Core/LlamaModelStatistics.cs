namespace Llama2;

/// <summary>The state of a model at one moment; see <see cref="ILlamaModel.Statistics"/>.</summary>
/// <param name="RunningCount">The number of running calls.</param>
/// <param name="WaitingCount">The number of calls that wait until there is memory for their keys and values.</param>
/// <param name="KeyValueCacheUsedByteSize">The size of the keys and values of running calls in bytes; those shared by several calls count once.</param>
/// <param name="KeyValueCacheByteSize">The maximum size of all keys and values in bytes.</param>
public readonly record struct LlamaModelStatistics(int RunningCount, int WaitingCount, long KeyValueCacheUsedByteSize, long KeyValueCacheByteSize)
{
    /// <summary>The number of running calls that wait for their reader. They keep their memory while they wait.</summary>
    public int StalledCount { get; init; }

    /// <summary>The size of the weights in memory in bytes.</summary>
    public long WeightByteSize { get; init; }

    /// <summary>
    /// The number of bytes of <see cref="WeightByteSize"/> that are in a mapped panel file. They are not memory of this process alone: processes share
    /// them, and the operating system can free them and read them again.
    /// </summary>
    public long MappedWeightByteSize { get; init; }

    /// <summary>The size of a page in bytes. Memory for keys and values is given to calls in whole pages.</summary>
    public long KeyValuePageByteSize { get; init; }

    /// <summary>
    /// The number of calls, since the model was loaded, that were ended because their updates were not read. Either
    /// <see cref="LlamaModelOptions.ReaderIdleLimit"/> was reached, or the enumeration was abandoned without being disposed and then
    /// garbage-collected.
    /// </summary>
    public long AbandonedCount { get; init; }
}
