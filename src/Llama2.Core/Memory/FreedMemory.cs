using System.Runtime.InteropServices;

namespace Llama2.Memory;

/// <summary>Returns memory that was freed to the operating system.</summary>
internal static partial class FreedMemory
{
    /// <summary>
    /// Call this after the weights of a model were freed. The allocator of GNU/Linux takes matrices of up to 32 MiB from its heap once such a matrix has been
    /// freed, and keeps freed memory there: after a model of 212 MB was disposed, 155 MB stayed with the process. Other systems return such memory
    /// automatically.
    /// </summary>
    public static void Return()
    {
        if (!OperatingSystem.IsLinux())
            return;
        try
        {
            _ = Trim(0);
        }
        catch (Exception exception) when (exception is EntryPointNotFoundException or DllNotFoundException)
        {
            // The C library is not GNU's. musl, for example, returns large blocks when they are freed.
        }
    }

    // https://man7.org/linux/man-pages/man3/malloc_trim.3.html
    [LibraryImport("libc", EntryPoint = "malloc_trim")]
    private static partial int Trim(nuint padding);
}
