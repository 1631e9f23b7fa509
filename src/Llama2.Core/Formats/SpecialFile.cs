using System.Formats.Tar;

namespace Llama2.Formats;

/// <summary>
/// Tells pipes, devices and sockets from files and folders without opening them: opening a pipe may wait for ever, and opening a device may do
/// something to it.
/// </summary>
internal static class SpecialFile
{
    private static readonly int s_unsupportedType = new IOException().HResult;

    /// <summary>Whether a path is that of a pipe, a device or a socket. Links are not followed; nothing on Windows is one.</summary>
    public static bool Is(string path)
    {
        // Only Unix has them among files, and their length is 0.
        if (OperatingSystem.IsWindows() || new FileInfo(path) is not { Exists: true, Length: 0, LinkTarget: null })
            return false;

        try
        {
            // .NET gives the type of a file (S_IFMT of lstat) only to those who archive it.
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
            // An archive holds every type but sockets. What the system refuses, such as a regular file that is in use, has a number of the system.
            return exception.HResult == s_unsupportedType;
        }
    }
}
