using System.Runtime.InteropServices;
using static System.FormattableString;

namespace Llama2.Formats;

/// <summary>
/// Composes the exceptions of files that are written under another name than they will have: .NET's name the temporary file, which the user has never
/// heard of and which is removed. These name the target.
/// </summary>
internal static class WriteFailure
{
    private const string Denied = "the system denies it; choose another folder, or ask for the right to write there";

    // ENOSPC; ERROR_HANDLE_DISK_FULL and ERROR_DISK_FULL of Windows. EDQUOT of Linux, of macOS and BSD; ERROR_DISK_QUOTA_EXCEEDED.
    private static readonly int[] s_fullDisk = OperatingSystem.IsWindows() ? [39, 112, 1295] : [28, 122, 69];

    /// <summary>The system refused to create, write or rename a file.</summary>
    /// <param name="target">The file as the user named it.</param>
    /// <param name="temporaryPath">The name that it has while it is written.</param>
    /// <param name="refusal">For which <see cref="DiskSpace.IsRefusal"/> is true.</param>
    public static Exception Of(string target, string temporaryPath, Exception refusal) => refusal switch
    {
        UnauthorizedAccessException => new UnauthorizedAccessException($"'{target}' cannot be written: {Denied}.", refusal),
        ArgumentOutOfRangeException => new IOException($"'{target}' cannot be written: it is longer than its file system or a limit of the process (ulimit -f) allows; write it to another disk, or raise the limit.", refusal),
        PathTooLongException => new PathTooLongException(
            Invariant($"'{target}' cannot be written: its name is too long, as the file has a name of {temporaryPath.Length - Path.GetFullPath(target).Length} characters more until it is whole; shorten the name."), refusal),
        _ when ErrorOf(refusal) is > 0 and var error => new IOException($"'{target}' cannot be written: {Describe(error)}.", refusal) { HResult = refusal.HResult },
        _ => new IOException(refusal.Message.Replace(temporaryPath, target, StringComparison.Ordinal), refusal),
    };

    /// <summary>The disk did not take what had been written.</summary>
    /// <param name="path">The file as the user named it, or its folder.</param>
    /// <param name="error">The system's number for it.</param>
    public static IOException OfFlush(string path, int error) => new($"'{path}' could not be flushed to the disk: {Describe(error)}.", error);

    private static string Describe(int error)
    {
        string remedy = s_fullDisk.Contains(error) ? "free space on its disk, or choose another one, and write again" : "what was written may be lost; check the disk, or write to another one";
        return Invariant($"{Marshal.GetPInvokeErrorMessage(error)} (error {error}); {remedy}");
    }

    // On Unix HResult is the system's number; on Windows it is within 0x8007xxxx. What .NET has a class for has a number of .NET's.
    private static int ErrorOf(Exception exception) =>
        !OperatingSystem.IsWindows() ? exception.HResult
        : (exception.HResult & 0xFFFF0000) == 0x80070000 ? exception.HResult & 0xFFFF
        : 0;
}
