using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using static System.FormattableString;

namespace Llama2.Formats;

/// <summary>
/// Flushes written data from the operating system's cache to the disk (fsync, FlushFileBuffers), and reports a disk that fails to store it.
/// </summary>
/// <remarks>
/// On Unix, .NET 10 throws nothing when fsync fails: SystemNative_FSync in pal_io.c returns the result of the comparison <c>fsync(…) &lt; 0</c>, so its
/// caller, which looks for a negative number, never sees a failure (dotnet/runtime#124722 shows the corrected function). The error number survives:
/// the call is declared with SetLastError, which sets it to 0 first and keeps it afterwards. A runtime that is corrected throws by itself.
/// </remarks>
internal static class DiskFlush
{
    private const int Interrupted = 4, BadDescriptor = 9, InvalidArgument = 22, NotTerminal = 25, ReadOnlyFileSystem = 30;
    // ENOTSUP and EOPNOTSUPP of Linux, of BSD and of macOS.
    private static readonly int[] s_notSupported = [95, 45, 102];

    /// <summary>Flushes to the disk what a file's stream has given to the system.</summary>
    /// <param name="file">The file, open, under a temporary name; its own buffer is empty.</param>
    /// <param name="target">The name for errors.</param>
    /// <exception cref="IOException">The disk is full or faulty: what was written may not be on it.</exception>
    public static void Content(FileStream file, string target)
    {
        if (ErrorOf(file.SafeFileHandle) is var error and not 0)
            throw WriteFailure.OfFlush(target, error);
    }

    /// <summary>
    /// Flushes the names in a file's folder to the disk, so that a file that was created or renamed there keeps its name after a power failure. Only Linux
    /// needs and allows this. For a folder that may not be read, and on a system without /proc, the file system writes the names later.
    /// </summary>
    /// <param name="file">The file, open, under the name that it has now.</param>
    /// <exception cref="IOException">The disk is full or faulty: the file may have its earlier name after a power failure.</exception>
    public static void FolderOf(FileStream file)
    {
        if (!OperatingSystem.IsLinux())
            return;

        try
        {
            // The name without links, as the other descriptors have it.
            string? folder = Path.GetDirectoryName(new FileInfo(DescriptorPath(file.SafeFileHandle.DangerousGetHandle())).LinkTarget);
            if (folder is null)
                return;
            // .NET can open a folder only to list it. While it is listed, its descriptor is among those of the process.
            using IEnumerator<string> listing = Directory.EnumerateFileSystemEntries(folder).GetEnumerator();
            if (FlushDescriptorOf(folder) is var error and not 0)
                throw WriteFailure.OfFlush(folder, error);
        }
        catch (Exception exception) when (exception is UnauthorizedAccessException or DirectoryNotFoundException)
        {
            // The folder may be writable but not readable, or there is no /proc.
        }
    }

    private static int FlushDescriptorOf(string folder)
    {
        foreach (FileSystemInfo descriptor in new DirectoryInfo("/proc/self/fd").EnumerateFileSystemInfos())
        {
            if (descriptor.LinkTarget != folder)
                continue;
            using var handle = new SafeFileHandle(nint.Parse(descriptor.Name, CultureInfo.InvariantCulture), ownsHandle: false);
            // Another thread may have listed the same folder too, and ended that: then the number is free, or another file's. So all that match are
            // flushed, of which the caller's stays open, and an error counts only where the descriptor is the folder's still.
            if (ErrorOf(handle) is var error and not (0 or BadDescriptor) && new FileInfo(descriptor.FullName).LinkTarget == folder)
                return error;
        }

        return 0;
    }

    private static string DescriptorPath(nint descriptor) => Invariant($"/proc/self/fd/{descriptor}");

    // A file that does not support flushing has nothing to flush.
    private static int ErrorOf(SafeFileHandle handle)
    {
        Marshal.SetLastPInvokeError(0);
        RandomAccess.FlushToDisk(handle);
        int error = OperatingSystem.IsWindows() ? 0 : Marshal.GetLastPInvokeError();
        return error is Interrupted or InvalidArgument or NotTerminal or ReadOnlyFileSystem || s_notSupported.Contains(error) ? 0 : error;
    }
}
