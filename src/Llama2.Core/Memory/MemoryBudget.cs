namespace Llama2.Memory;

/// <summary>Asks, before a large allocation, whether the machine or the container has the memory; afterwards would be too late to say so.</summary>
internal static class MemoryBudget
{
    private static long s_reservedBytes;

    /// <summary>
    /// Bytes that the process may hold: the limit of the container, else the memory of the machine. What other processes hold is the operating
    /// system's to reclaim.
    /// </summary>
    public static long LimitBytes => ContainerMemory.KnownLimit ?? GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;

    /// <summary>Bytes that the process may still allocate.</summary>
    public static long AvailableBytes
    {
        get
        {
            // What is allocated and not yet touched, such as the keys and values of tokens to come, is in no working set and will be needed all
            // the same.
            long used = Math.Max(Environment.WorkingSet, Interlocked.Read(ref s_reservedBytes));
            return Math.Max(0, LimitBytes - used);
        }
    }

    /// <exception cref="LlamaMemoryException">There is less memory than <paramref name="requiredBytes"/>.</exception>
    /// <param name="requiredBytes">Bytes about to be allocated.</param>
    /// <param name="purpose">What for, in the words of the message: <c>the weights of 'x.gguf'</c>.</param>
    /// <param name="remedy">What would need less; a sentence without its full stop.</param>
    public static void Require(long requiredBytes, string purpose, string remedy)
    {
        long available = AvailableBytes;
        if (requiredBytes > available)
        {
            throw Shortage(requiredBytes, available, ContainerMemory.KnownLimit, purpose, remedy);
        }
    }

    /// <summary>Less memory is available than is needed.</summary>
    public static LlamaMemoryException Shortage(long requiredBytes, long availableBytes, long? containerLimit, string purpose, string remedy)
    {
        string raise = containerLimit is { } limit ? $" Or raise the memory limit of the container or service, which is {ByteSizeText.Available(limit)}." : "";
        return new(
            $"There is not enough memory for {purpose}: {ByteSizeText.Needed(requiredBytes)} are needed, {ByteSizeText.Available(availableBytes)} are available. {remedy}.{raise}",
            requiredBytes,
            availableBytes);
    }

    /// <summary>The operating system itself refused memory, whatever the budget said.</summary>
    public static LlamaMemoryException Refused(long requiredBytes)
        => new(
            $"The operating system refused {ByteSizeText.Needed(requiredBytes)} of memory. Use a smaller model or context, or raise the process's limit.",
            requiredBytes,
            0);

    /// <summary>Counts memory that was allocated outside the managed heap, or, if negative, freed.</summary>
    public static void Count(long byteSize) => Interlocked.Add(ref s_reservedBytes, byteSize);
}
