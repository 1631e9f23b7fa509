namespace Llama2;

/// <summary>What a model is doing at a moment; see <see cref="ILlamaModel.Statistics"/>.</summary>
/// <param name="RunningCount">Calls that are computed.</param>
/// <param name="WaitingCount">Calls that wait until there is memory for their keys and values.</param>
/// <param name="KeyValueCacheUsedByteSize">Bytes of the keys and values of running calls; those shared by several count once.</param>
/// <param name="KeyValueCacheByteSize">Bytes that keys and values may take together.</param>
public readonly record struct LlamaModelStatistics(int RunningCount, int WaitingCount, long KeyValueCacheUsedByteSize, long KeyValueCacheByteSize)
{
    /// <summary>Running calls that wait for their reader. They keep their memory while they wait.</summary>
    public int StalledCount { get; init; }

    /// <summary>
    /// Calls that were ended since the model was loaded because nobody read them: either <see cref="LlamaModelOptions.ReaderIdleLimit"/> was reached,
    /// or their enumeration was abandoned without being disposed and then garbage-collected.
    /// </summary>
    public long AbandonedCount { get; init; }
}
