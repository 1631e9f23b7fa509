using System.Formats.Tar;

namespace Llama2.Formats;

/// <summary>
/// Distinguishes pipes, devices and sockets from files and folders without opening them: opening a pipe may block forever, and opening a device may
/// have an effect on it.
/// </summary>
internal static class SpecialFile
{
    private static readonly int s_unsupportedType = new IOException().HResult;

    /// <summary>Whether a path is that of a pipe, a device or a socket. Links are not followed. Always false on Windows.</summary>
    public static bool Is(string path)
    {
        // Pipes, devices and sockets appear as files, with the length 0, only on Unix.
        if (OperatingSystem.IsWindows() || new FileInfo(path) is not { Exists: true, Length: 0, LinkTarget: null })
            return false;

        try
        {
            // .NET exposes the type of a file (S_IFMT of lstat) only through its archive classes.
            using var archive = new MemoryStream();
            using (var writer = new TarWriter(archive, leaveOpen: true))
                writer.WriteEntry(path, "file");
            archive.Position = 0;
            using var reader = new TarReader(archive);
            return reader.GetNextEntry()!.EntryType is TarEntryType.Fifo or TarEntryType.CharacterDevice or TarEntryType.BlockDevice;
        }
        catch (UnauthorizedAccessException)
        {
            // Of all types, only regular files are opened.
            return false;
        }
        catch (IOException exception)
        {
            // An archive can contain every type except sockets. An error of the operating system, such as for a regular file that is in use, has a
            // different number.
            return exception.HResult == s_unsupportedType;
        }
    }
}
