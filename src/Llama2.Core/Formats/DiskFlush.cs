using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using static System.FormattableString;

namespace Llama2.Formats;

/// <summary>
/// Flushes written data from the operating system's cache to the disk (fsync, FlushFileBuffers), and throws an exception if the disk fails to store
/// this data.
/// </summary>
/// <remarks>
/// On Unix, .NET 10 throws nothing when fsync fails. SystemNative_FSync in pal_io.c returns the result of the comparison <c>fsync(…) &lt; 0</c>, and its caller
/// looks for a negative number, so the caller never sees a failure (dotnet/runtime#124722 shows the corrected function). The error number can
/// still be read, because the call is declared with SetLastError, which sets it to 0 first and preserves it afterwards. A runtime with that
/// correction throws the exception itself.
/// </remarks>
internal static class DiskFlush
{
    private const int Interrupted = 4, BadDescriptor = 9, InvalidArgument = 22, NotTerminal = 25, ReadOnlyFileSystem = 30;
    // The values of ENOTSUP and EOPNOTSUPP on Linux, BSD and macOS.
    private static readonly int[] s_notSupported = [95, 45, 102];

    /// <summary>Flushes to the disk the data that a file's stream has passed to the operating system.</summary>
    /// <param name="file">The open file, which still has its temporary name; the stream's own buffer must be empty.</param>
    /// <param name="target">The name of the target, for error messages.</param>
    /// <exception cref="IOException">The disk is full or faulty, so some of the written data may not be on the disk.</exception>
    public static void Content(FileStream file, string target)
    {
        if (ErrorOf(file.SafeFileHandle) is var error and not 0)
            throw WriteFailure.OfFlush(target, error);
    }

    /// <summary>
    /// Flushes the names in a file's folder to the disk, so that a file that was created or renamed there keeps its name after a power failure. Only
    /// Linux requires and allows this. If the process has no permission to read the folder, or the system has no /proc, this method does nothing, and
    /// the file system writes the names later.
    /// </summary>
    /// <param name="file">The open file, which already has its new name.</param>
    /// <exception cref="IOException">The disk is full or faulty, so the file may have its earlier name again after a power failure.</exception>
    public static void FolderOf(FileStream file)
    {
        if (!OperatingSystem.IsLinux())
            return;

        try
        {
            // All links in the folder's path must be resolved, because the links in /proc/self/fd state resolved paths.
            string? folder = Path.GetDirectoryName(new FileInfo(DescriptorPath(file.SafeFileHandle.DangerousGetHandle())).LinkTarget);
            if (folder is null)
                return;
            // .NET can open a folder only by listing it. During the listing, the folder's file descriptor is among those in /proc/self/fd.
            using IEnumerator<string> listing = Directory.EnumerateFileSystemEntries(folder).GetEnumerator();
            if (FlushDescriptorOf(folder) is var error and not 0)
                throw WriteFailure.OfFlush(folder, error);
        }
        catch (Exception exception) when (exception is UnauthorizedAccessException or DirectoryNotFoundException)
        {
            // The folder may be writable but not readable, or there is no /proc. Nothing is flushed then.
        }
    }

    private static int FlushDescriptorOf(string folder)
    {
        foreach (FileSystemInfo descriptor in new DirectoryInfo("/proc/self/fd").EnumerateFileSystemInfos())
        {
            if (descriptor.LinkTarget != folder)
                continue;
            using var handle = new SafeFileHandle(nint.Parse(descriptor.Name, CultureInfo.InvariantCulture), ownsHandle: false);
            // The descriptor may belong to another thread that listed the same folder. If that thread has finished its listing since then, the
            // descriptor is closed, or belongs to another file. Therefore all descriptors of the folder are flushed, including the caller's, which stays open.
            // An error counts only if the descriptor still belongs to the folder.
            if (ErrorOf(handle) is var error and not (0 or BadDescriptor) && new FileInfo(descriptor.FullName).LinkTarget == folder)
                return error;
        }

        return 0;
    }

    private static string DescriptorPath(nint descriptor) => Invariant($"/proc/self/fd/{descriptor}");

    // If a file does not support flushing, it has no data to flush, so this is not an error.
    private static int ErrorOf(SafeFileHandle handle)
    {
        Marshal.SetLastPInvokeError(0);
        RandomAccess.FlushToDisk(handle);
        int error = OperatingSystem.IsWindows() ? 0 : Marshal.GetLastPInvokeError();
        return error is Interrupted or InvalidArgument or NotTerminal or ReadOnlyFileSystem || s_notSupported.Contains(error) ? 0 : error;
    }
}
