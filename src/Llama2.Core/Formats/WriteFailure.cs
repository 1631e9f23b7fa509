using System.Runtime.InteropServices;
using static System.FormattableString;

namespace Llama2.Formats;

/// <summary>
/// Creates the exceptions for files that are written under a temporary name. The exceptions of .NET name the temporary file, which the user does not
/// know and which is deleted. The exceptions created here name the target.
/// </summary>
internal static class WriteFailure
{
    private const string Denied = "the system denies it; choose another folder, or get the permission to write there";

    private const string
        Full = "free space on its disk, or choose another one, and write again",
        OverQuota = "the quota of this user is used up; delete files, or choose another disk, and write again",
        TooLarge = "it is longer than its file system or a limit of the process (ulimit -f) allows; write it to another disk, or raise the limit",
        ReadOnly = "its file system is mounted for reading only; choose another folder, or mount it for writing",
        Damaged = "the written data may be lost; check the disk, or write to another one",
        Unknown = "write it to another folder or disk";

    /// <summary>Creates the exception for a file that the operating system refused to create, write or rename.</summary>
    /// <param name="target">The path of the file, as the user gave it.</param>
    /// <param name="temporaryPath">The temporary name under which the file is written.</param>
    /// <param name="refusal">The exception from .NET, for which <see cref="DiskSpace.IsRefusal"/> is true.</param>
    public static Exception Of(string target, string temporaryPath, Exception refusal) => refusal switch
    {
        UnauthorizedAccessException => new UnauthorizedAccessException($"'{target}' cannot be written: {Denied}.", refusal),
        ArgumentOutOfRangeException => new IOException($"'{target}' cannot be written: {TooLarge}.", refusal),
        PathTooLongException => new PathTooLongException(
            Invariant($"'{target}' cannot be written: its name is too long, because the temporary name has {temporaryPath.Length - Path.GetFullPath(target).Length} characters more; shorten the name."), refusal),
        _ when ErrorOf(refusal) is > 0 and var error => new IOException($"'{target}' cannot be written: {Describe(error)}.", refusal) { HResult = refusal.HResult },
        _ => new IOException(refusal.Message.Replace(temporaryPath, target, StringComparison.Ordinal), refusal),
    };

    /// <summary>Creates the exception for data that could not be flushed to the disk.</summary>
    /// <param name="path">The path of the file, as the user gave it, or the path of its folder.</param>
    /// <param name="error">The error number of the operating system.</param>
    public static IOException OfFlush(string path, int error) => new($"'{path}' could not be flushed to the disk: {Describe(error)}.", error);

    private static string Describe(int error) => Invariant($"{Marshal.GetPInvokeErrorMessage(error)} (error {error}); {(OperatingSystem.IsWindows() ? WindowsRemedy(error) : UnixRemedy(error))}");

    // The error numbers of Linux and macOS are the same except where two are given: Linux first, then macOS.
    private static string UnixRemedy(int error) => error switch
    {
        28 => Full, // ENOSPC
        122 or 69 => OverQuota, // EDQUOT
        1 or 13 => Denied, // EPERM, EACCES
        27 => TooLarge, // EFBIG
        30 => ReadOnly, // EROFS
        5 => Damaged, // EIO
        _ => Unknown,
    };

    private static string WindowsRemedy(int error) => error switch
    {
        39 or 112 => Full, // ERROR_HANDLE_DISK_FULL, ERROR_DISK_FULL
        1295 => OverQuota, // ERROR_DISK_QUOTA_EXCEEDED
        5 => Denied, // ERROR_ACCESS_DENIED
        223 => TooLarge, // ERROR_FILE_TOO_LARGE
        19 => ReadOnly, // ERROR_WRITE_PROTECT
        23 or 29 or 1117 => Damaged, // ERROR_CRC, ERROR_WRITE_FAULT, ERROR_IO_DEVICE
        _ => Unknown,
    };

    // On Unix, HResult is the system's error number. On Windows, HResult is 0x8007xxxx, where xxxx is the system's error number; but if .NET has an
    // exception class of its own for an error, HResult is .NET's own number instead.
    private static int ErrorOf(Exception exception) =>
        !OperatingSystem.IsWindows() ? exception.HResult
        : (exception.HResult & 0xFFFF0000) == 0x80070000 ? exception.HResult & 0xFFFF
        : 0;
}
