using System.Formats.Tar;

namespace Llama2.Formats;

/// <summary>
/// Distinguishes pipes, devices and sockets from files and folders without opening them, because opening a pipe may block forever, and opening a device may
/// have an effect on the device.
/// </summary>
internal static class SpecialFile
{
    private static readonly int s_unsupportedType = new IOException().HResult;

    /// <summary>Whether a path names a pipe, a device or a socket. Links are not followed. Always false on Windows.</summary>
    public static bool Is(string path)
    {
        // Only on Unix do pipes, devices and sockets appear as files; their length is 0.
        if (OperatingSystem.IsWindows() || new FileInfo(path) is not { Exists: true, Length: 0, LinkTarget: null })
            return false;

        try
        {
            // .NET exposes the type of a file (the bits S_IFMT that lstat returns) only through its classes for TAR archives.
            using var archive = new MemoryStream();
            using (var writer = new TarWriter(archive, leaveOpen: true))
                writer.WriteEntry(path, "file");
            archive.Position = 0;
            using var reader = new TarReader(archive);
            return reader.GetNextEntry()!.EntryType is TarEntryType.Fifo or TarEntryType.CharacterDevice or TarEntryType.BlockDevice;
        }
        catch (UnauthorizedAccessException)
        {
            // The archive writer opens only regular files, so a denied access means that this is a regular file.
            return false;
        }
        catch (IOException exception)
        {
            // A TAR archive can contain every type of file except sockets, so this error number means a socket. Errors from the operating system,
            // such as the error for a regular file that is in use, have other numbers.
            return exception.HResult == s_unsupportedType;
        }
    }
}
