namespace Llama2.Evaluation;

/// <summary>The limits of a program in a sandbox. Immutable.</summary>
public sealed record CodeRunLimits
{
    /// <summary>The maximum time from the program's start to its end, 50 milliseconds to 1 hour; 3 seconds by default, as in OpenAI's human-eval.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public TimeSpan Time
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, TimeSpan.FromMilliseconds(50));
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, TimeSpan.FromHours(1));
            field = value;
        }
    } = TimeSpan.FromSeconds(3);

    /// <summary>
    /// The maximum address space of each process, and the maximum memory of all processes of the program together, in bytes; 128 MiB to 64 GiB, 512 MiB
    /// by default. The kernel enforces the maximum address space. The memory of all processes is measured 20 times a second, so it may exceed its maximum for a
    /// moment before the program is ended. Memory that processes share counts for each of them.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public long MemoryByteSize
    {
        get;
        init => field = Check(value, 128L << 20, 64L << 30);
    } = 512L << 20;

    /// <summary>The maximum number of processes and threads at a time, 1 to 1,024; 8 by default.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public int ProcessCount
    {
        get;
        init => field = (int)Check(value, 1, 1024);
    } = 8;

    /// <summary>The maximum number of files that a process has open, 16 to 4,096; 64 by default.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public int OpenFileCount
    {
        get;
        init => field = (int)Check(value, 16, 4096);
    } = 64;

    /// <summary>The size of the working folder, which is also the maximum size of a file, in bytes; 64 KiB to 16 GiB, 32 MiB by default. It is in memory.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public long FolderByteSize
    {
        get;
        init => field = Check(value, 64L << 10, 16L << 30);
    } = 32L << 20;

    /// <summary>The maximum size of what the program writes to its standard output and error together, in bytes; 1 to 64 MiB, 1 MiB by default.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public int OutputByteSize
    {
        get;
        init => field = (int)Check(value, 1, 64L << 20);
    } = 1 << 20;

    private static long Check(long value, long minimum, long maximum)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(value, minimum);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value, maximum);
        return value;
    }
}
