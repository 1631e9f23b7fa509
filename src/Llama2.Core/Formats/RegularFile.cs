using System.Text;
using System.Text.Unicode;
using Microsoft.Win32.SafeHandles;
using static System.FormattableString;

namespace Llama2.Formats;

/// <summary>
/// Opens only regular files, whose content is on a disk. Opening a pipe may block forever, and reading a device may never end. Both are recognized by
/// their length, which is 0, before they are opened.
/// </summary>
internal static class RegularFile
{
    /// <summary>Opens a file to read it as a stream.</summary>
    /// <param name="path">The file.</param>
    /// <param name="bufferByteSize">The size of the read buffer in bytes.</param>
    /// <exception cref="ModelFormatException">The file is empty, a pipe or a device.</exception>
    /// <exception cref="IOException">The file cannot be opened, or does not exist.</exception>
    /// <exception cref="UnauthorizedAccessException">Access is denied, or the path is a folder.</exception>
    public static FileStream Open(string path, int bufferByteSize = 4096)
    {
        Require(path);
        return Named(path, () => new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferByteSize));
    }

    /// <summary>Opens a file to read it at any position.</summary>
    /// <inheritdoc cref="Open" path="/exception"/>
    public static SafeFileHandle OpenHandle(string path)
    {
        Require(path);
        return Named(path, () => File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read));
    }

    /// <summary>Reads a small file completely; it may be empty.</summary>
    /// <param name="path">The file.</param>
    /// <param name="maxByteSize">A larger file is refused before it is read.</param>
    /// <exception cref="ModelFormatException">The file is larger than allowed, or is a pipe, a device or a socket, or its length changes while it is read.</exception>
    /// <exception cref="IOException">The file cannot be read, is a folder, or does not exist.</exception>
    /// <exception cref="UnauthorizedAccessException">Access is denied.</exception>
    public static byte[] ReadAllBytes(string path, int maxByteSize)
    {
        FileInfo information = Information(path);
        long length = Named(path, () => information.Length);
        if (length > maxByteSize)
            throw new ModelFormatException(path, null, "file size", Invariant($"{length:N0} bytes"), Invariant($"at most {maxByteSize:N0} are allowed"));
        if (SpecialFile.Is(information.FullName))
            throw new ModelFormatException(path, null, "file type", "a pipe, a device or a socket", "only regular files are read; name a regular file, or delete this one");
        if (length == 0)
            return [];
        byte[] bytes = new byte[length];
        using FileStream file = Named(path, () => new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0));
        int count = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        return count == bytes.Length && file.ReadByte() < 0
            ? bytes
            : throw new ModelFormatException(path, null, "file size", "changed while the file was read", Invariant($"it was {length:N0} bytes at first; try again when no program writes the file"));
    }

    /// <summary>Reads a small file of UTF-8 text completely, without its byte order mark.</summary>
    /// <param name="path">The file.</param>
    /// <param name="maxByteSize">A larger file is refused before it is read.</param>
    /// <exception cref="ModelFormatException">
    /// The file is larger than allowed, or is a pipe, a device or a socket, or its length changes while it is read, or it is not UTF-8.
    /// </exception>
    /// <exception cref="IOException">The file cannot be read, is a folder, or does not exist.</exception>
    /// <exception cref="UnauthorizedAccessException">Access is denied.</exception>
    public static string ReadAllText(string path, int maxByteSize)
    {
        ReadOnlySpan<byte> bytes = ReadAllBytes(path, maxByteSize);
        if (!Utf8.IsValid(bytes))
        {
            int offset = Utf8Text.IndexOfInvalid(bytes);
            throw new ModelFormatException(path, offset, "text", Utf8Text.Describe(bytes[offset]), Utf8Text.Remedy);
        }

        return Encoding.UTF8.GetString(bytes.StartsWith("\uFEFF"u8) ? bytes[3..] : bytes);
    }

    /// <summary>Checks that a path leads to a file with content, or that nothing exists at the path.</summary>
    /// <exception cref="ModelFormatException">The file is empty, a pipe or a device.</exception>
    public static void Require(string path)
    {
        // A missing file and a folder pass this check, because the attempt to open them reports what is wrong.
        if (!HasContent(path))
            throw new ModelFormatException(path, 0, "file length", "0 bytes", "the file is empty, or it is a pipe or a device, which are not read; give a file with content");
    }

    /// <summary>False if a path leads to an empty file, a pipe or a device; otherwise true, even if nothing exists at the path.</summary>
    public static bool HasContent(string path) => Information(path) is not { Exists: true, Length: 0 };

    // The exceptions of .NET state the full path, which may be unknown to the caller. The exceptions thrown here state the path as the caller gave it.
    private static T Named<T>(string path, Func<T> open)
    {
        try
        {
            return open();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException && !Path.IsPathFullyQualified(path))
        {
            string message = exception.Message.Replace(Path.GetFullPath(path), path, StringComparison.Ordinal);
            throw exception switch
            {
                FileNotFoundException => new FileNotFoundException(message, path, exception),
                DirectoryNotFoundException => new DirectoryNotFoundException(message, exception),
                UnauthorizedAccessException => new UnauthorizedAccessException(message, exception),
                _ => new IOException(message, exception) { HResult = exception.HResult },
            };
        }
    }

    // For a link, .NET reports the length of the link itself, so the link is followed first.
    private static FileInfo Information(string path)
    {
        var information = new FileInfo(path);
        return information.LinkTarget is null ? information : new FileInfo(OutputTarget.Follow(path));
    }
}
