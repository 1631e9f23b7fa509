namespace Llama2.Formats;

/// <summary>The bytes of a file of fixed length, read at any position. Thread-safe.</summary>
internal interface IByteSource : IDisposable
{
    /// <summary>The path of the file, as the caller gave it, for error messages.</summary>
    string Path { get; }

    /// <summary>The size of the file when it was opened, in bytes.</summary>
    long Length { get; }

    /// <summary>When the file was last written to; null if the bytes are not in a file.</summary>
    DateTime? LastWriteTimeUtc => null;

    /// <summary>
    /// Fills <paramref name="destination"/> with the bytes that begin at an offset. The caller must have checked that all of them are within the
    /// file.
    /// </summary>
    /// <exception cref="ModelFormatException">The file has changed since it was opened, and the bytes are no longer there.</exception>
    void Read(long offset, Span<byte> destination);
}
