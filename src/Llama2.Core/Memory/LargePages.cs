using System.Runtime.InteropServices;

namespace Llama2.Memory;

/// <summary>
/// Asks the operating system for large pages. The processor caches the addresses of only a few thousand pages, and with pages of 4 KiB it looks up the
/// address of a page of weights again for each token, in a virtual machine in two tables.
/// </summary>
internal static partial class LargePages
{
    // MADV_HUGEPAGE in the system's header files.
    private const int UseLargePages = 14;

    /// <summary>
    /// The minimum size in bytes of a buffer with large pages: a buffer of this size contains at least one page of 2 MiB, whatever its address.
    /// </summary>
    public const long MinimumByteSize = 4 << 20;

    /// <summary>
    /// Asks for large pages in a part of the memory. The system allocates and zeroes a large page as a whole when a part of it is first touched. A system
    /// that has no such pages, or none left, uses small pages.
    /// </summary>
    /// <param name="start">The address of the first byte.</param>
    /// <param name="byteSize">The number of bytes; nothing is done below <see cref="MinimumByteSize"/>.</param>
    public static void Request(nint start, long byteSize)
    {
        if (byteSize < MinimumByteSize || !OperatingSystem.IsLinux())
            return;
        long pageSize = Environment.SystemPageSize, first = (start + pageSize - 1) / pageSize * pageSize, end = (start + byteSize) / pageSize * pageSize;
        try
        {
            _ = Advise((nint)first, (nuint)(end - first), UseLargePages);
        }
        catch (Exception exception) when (exception is EntryPointNotFoundException or DllNotFoundException)
        {
            // The pages stay small.
        }
    }

    // https://man7.org/linux/man-pages/man2/madvise.2.html
    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(nint address, nuint length, int advice);
}
