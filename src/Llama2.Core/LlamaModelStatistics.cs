namespace Llama2;

/// <summary>What a model is doing at a moment; see <see cref="ILlamaModel.Statistics"/>.</summary>
/// <param name="RunningCount">Calls that are computed.</param>
/// <param name="WaitingCount">Calls that wait until there is memory for their keys and values.</param>
/// <param name="KeyValueCacheUsedByteSize">Bytes of the keys and values of running calls; those shared by several count once.</param>
/// <param name="KeyValueCacheByteSize">Bytes that keys and values may take together.</param>
public readonly record struct LlamaModelStatistics(int RunningCount, int WaitingCount, long KeyValueCacheUsedByteSize, long KeyValueCacheByteSize)
{
    /// <summary>Of the calls that are computed, those that wait until their reader reads on; their memory waits with them.</summary>
    public int StalledCount { get; init; }

    /// <summary>
    /// Calls since the model was loaded that were ended because nobody read them: by <see cref="LlamaModelOptions.ReaderIdleLimit"/>, or because
    /// their enumeration was dropped without being disposed, and collected.
    /// </summary>
    public long AbandonedCount { get; init; }
}
