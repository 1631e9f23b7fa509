namespace Llama2.Memory;

/// <summary>
/// Checks before a large allocation whether the machine or the container has the memory. Without the check, the operating system might grant the
/// allocation, and end the process when the memory is used.
/// </summary>
internal static class MemoryBudget
{
    private static long s_reservedBytes;
    private static long s_mappedBytes;

    /// <summary>
    /// The number of bytes that the process may hold: the limit of the container if there is one, otherwise the memory of the machine. Memory of
    /// other processes is not subtracted, because the operating system can reclaim it.
    /// </summary>
    public static long LimitBytes => ContainerMemory.KnownLimit ?? GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;

    /// <summary>The number of bytes that are allocated outside the managed heap, touched or not.</summary>
    public static long AllocatedBytes => Interlocked.Read(ref s_reservedBytes);

    /// <summary>The number of bytes that the process may still allocate.</summary>
    public static long AvailableBytes
    {
        get
        {
            // Memory that is allocated but not touched yet, such as for the keys and values of later tokens, is not in the working set, but will be
            // needed. Pages of mapped weights are in the working set, but the operating system frees them when memory is needed.
            long used = Math.Max(Environment.WorkingSet - MappedBytes, AllocatedBytes);
            return Math.Max(0, LimitBytes - used);
        }
    }

    /// <summary>
    /// The number of bytes of weights in mapped files. They are not counted as used, because the operating system can free their pages and read them
    /// again. But every token reads all of them, so memory that is only useful, such as a cache, should leave room for them.
    /// </summary>
    public static long MappedBytes => Interlocked.Read(ref s_mappedBytes);

    /// <summary>The number of bytes that the process may still allocate while all mapped weights stay in memory.</summary>
    public static long AvailableBytesBesideMappings => Math.Max(0, AvailableBytes - MappedBytes);

    /// <exception cref="LlamaMemoryException">There is less memory than <paramref name="requiredBytes"/>.</exception>
    /// <param name="requiredBytes">The number of bytes to be allocated.</param>
    /// <param name="purpose">The purpose of the memory, as the message should state it: <c>the weights of 'x.gguf'</c>.</param>
    /// <param name="remedy">How to need less memory; a sentence without its full stop.</param>
    public static void Require(long requiredBytes, string purpose, string remedy)
    {
        long available = AvailableBytes;
        if (requiredBytes > available)
        {
            throw Shortage(requiredBytes, available, ContainerMemory.KnownLimit, purpose, remedy);
        }
    }

    /// <summary>Creates the exception for an allocation that needs more memory than is available.</summary>
    public static LlamaMemoryException Shortage(long requiredBytes, long availableBytes, long? containerLimit, string purpose, string remedy)
    {
        string raise = containerLimit is { } limit ? $" Or raise the memory limit of the container or service, which is {ByteSizeText.Available(limit)}." : "";
        return new(
            $"There is not enough memory for {purpose}: {ByteSizeText.Needed(requiredBytes)} are needed, {ByteSizeText.Available(availableBytes)} are available. {remedy}.{raise}",
            requiredBytes,
            availableBytes);
    }

    /// <summary>Creates the exception for an allocation that the operating system refused, although the budget allowed it.</summary>
    public static LlamaMemoryException Refused(long requiredBytes)
        => new(
            $"The operating system refused {ByteSizeText.Needed(requiredBytes)} of memory. Use a smaller model or context, or raise the process's limit.",
            requiredBytes,
            0);

    /// <summary>Counts memory that was allocated outside the managed heap. A negative number counts memory that was freed.</summary>
    public static void Count(long byteSize) => Interlocked.Add(ref s_reservedBytes, byteSize);

    /// <summary>Counts weights in a file that was mapped. A negative number counts a file that is no longer mapped.</summary>
    public static void CountMapped(long byteSize) => Interlocked.Add(ref s_mappedBytes, byteSize);
}
