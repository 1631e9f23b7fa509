using System.Runtime.InteropServices;
using static System.FormattableString;

namespace Llama2.Formats;

/// <summary>
/// Creates the exceptions for files that are written under a temporary name. The exceptions of .NET name the temporary file, which the user does not
/// know and which is removed. These name the target.
/// </summary>
internal static class WriteFailure
{
    private const string Denied = "the system denies it; choose another folder, or get the permission to write there";

    // On Windows ERROR_HANDLE_DISK_FULL, ERROR_DISK_FULL and ERROR_DISK_QUOTA_EXCEEDED; on Unix ENOSPC and EDQUOT (of Linux, and of macOS and BSD).
    private static readonly int[] s_fullDisk = OperatingSystem.IsWindows() ? [39, 112, 1295] : [28, 122, 69];

    /// <summary>The exception if the operating system refused to create, write or rename a file.</summary>
    /// <param name="target">The file as the user named it.</param>
    /// <param name="temporaryPath">Its name while it is written.</param>
    /// <param name="refusal">The exception, for which <see cref="DiskSpace.IsRefusal"/> is true.</param>
    public static Exception Of(string target, string temporaryPath, Exception refusal) => refusal switch
    {
        UnauthorizedAccessException => new UnauthorizedAccessException($"'{target}' cannot be written: {Denied}.", refusal),
        ArgumentOutOfRangeException => new IOException($"'{target}' cannot be written: it is longer than its file system or a limit of the process (ulimit -f) allows; write it to another disk, or raise the limit.", refusal),
        PathTooLongException => new PathTooLongException(
            Invariant($"'{target}' cannot be written: its name is too long, as the temporary name has {temporaryPath.Length - Path.GetFullPath(target).Length} characters more; shorten the name."), refusal),
        _ when ErrorOf(refusal) is > 0 and var error => new IOException($"'{target}' cannot be written: {Describe(error)}.", refusal) { HResult = refusal.HResult },
        _ => new IOException(refusal.Message.Replace(temporaryPath, target, StringComparison.Ordinal), refusal),
    };

    /// <summary>The exception if flushing written data to the disk failed.</summary>
    /// <param name="path">The file as the user named it, or its folder.</param>
    /// <param name="error">The error number of the operating system.</param>
    public static IOException OfFlush(string path, int error) => new($"'{path}' could not be flushed to the disk: {Describe(error)}.", error);

    private static string Describe(int error)
    {
        string remedy = s_fullDisk.Contains(error) ? "free space on its disk, or choose another one, and write again" : "the written data may be lost; check the disk, or write to another one";
        return Invariant($"{Marshal.GetPInvokeErrorMessage(error)} (error {error}); {remedy}");
    }

    // On Unix, HResult is the system's error number; on Windows it is contained in 0x8007xxxx. Errors for which .NET has its own exception class have
    // a number of .NET.
    private static int ErrorOf(Exception exception) =>
        !OperatingSystem.IsWindows() ? exception.HResult
        : (exception.HResult & 0xFFFF0000) == 0x80070000 ? exception.HResult & 0xFFFF
        : 0;
}
