using Microsoft.Win32.SafeHandles;
using static System.FormattableString;

namespace Llama2.Formats;

/// <summary>
/// Opens files of which the whole content is on a disk. Pipes and devices have no length: opening a pipe may wait for ever, and a device may have no
/// end. They are told before they are opened, by their length of 0, which no file of a model has.
/// </summary>
internal static class RegularFile
{
    /// <summary>Opens a file to read it as a stream.</summary>
    /// <param name="path">The file.</param>
    /// <param name="bufferByteSize">Bytes that are read at a time, where fewer are asked for.</param>
    /// <param name="options">How it will be read.</param>
    /// <exception cref="ModelFormatException">It is empty, a pipe or a device.</exception>
    /// <exception cref="IOException">It cannot be opened.</exception>
    public static FileStream Open(string path, int bufferByteSize = 4096, FileOptions options = FileOptions.None)
    {
        Require(path);
        return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferByteSize, options);
    }

    /// <summary>Opens a file to read it at any place.</summary>
    /// <inheritdoc cref="Open" path="/exception"/>
    public static SafeFileHandle OpenHandle(string path)
    {
        Require(path);
        return File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read);
    }

    /// <summary>Reads a small file whole; an empty one has no bytes.</summary>
    /// <param name="path">The file.</param>
    /// <param name="maxByteSize">More is refused before it is read.</param>
    /// <exception cref="ModelFormatException">It is larger, or grows while it is read.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static byte[] ReadAllBytes(string path, int maxByteSize)
    {
        long length = new FileInfo(path).Length;
        if (length > maxByteSize)
            throw new ModelFormatException(path, -1, "file size", Invariant($"{length:N0} bytes"), Invariant($"at most {maxByteSize:N0} are read"));
        if (length == 0)
            return [];
        byte[] bytes = new byte[length];
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        int count = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        return count == bytes.Length && file.ReadByte() < 0
            ? bytes
            : throw new ModelFormatException(path, -1, "file size", "another one than a moment ago", Invariant($"it was {length:N0} bytes; read it when it is no longer written to"));
    }

    /// <summary>Proves that a path is that of a file with content, or of none.</summary>
    /// <exception cref="ModelFormatException">It is empty, a pipe or a device.</exception>
    public static void Require(string path)
    {
        // Of a file that is not there, and of a folder, the system says what is wrong when it is opened.
        if (new FileInfo(path) is { Exists: true, Length: 0 })
            throw new ModelFormatException(path, 0, "file length", "0 bytes", "the file is empty, or it is a pipe or a device, which are not read; give a file with content");
    }
}
