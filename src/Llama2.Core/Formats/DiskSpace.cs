using Llama2.Memory;

namespace Llama2.Formats;

/// <summary>
/// Checks, before a large file is written, whether the disk has enough free space for it, because a completely full disk would harm other programs.
/// </summary>
internal static class DiskSpace
{
    /// <summary>
    /// Whether an exception means that the operating system refused to write. If a write exceeds the maximum file size of the file system (4 GiB on
    /// FAT32) or of the process (EFBIG), .NET throws <see cref="ArgumentOutOfRangeException"/>.
    /// </summary>
    public static bool IsRefusal(Exception exception) => exception is IOException or UnauthorizedAccessException or ArgumentOutOfRangeException;

    /// <exception cref="IOException">The disk has less free space than <paramref name="requiredBytes"/>.</exception>
    /// <param name="path">The file to be written; its folder must exist.</param>
    /// <param name="requiredBytes">The size that the file will have, in bytes.</param>
    public static void Require(string path, long requiredBytes)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        if (folder.StartsWith(@"\\", StringComparison.Ordinal))
        {
            // A network share on Windows is not a drive, and DriveInfo does not report its free space.
            return;
        }

        long available = new DriveInfo(folder).AvailableFreeSpace;
        if (requiredBytes > available)
        {
            throw new IOException(
                $"There is no room for '{path}': it takes {ByteSizeText.Needed(requiredBytes)}, and its disk has {ByteSizeText.Available(available)} free; free space on the disk, or choose another one.");
        }
    }
}
