namespace Llama2.Formats;

/// <summary>The bytes of a file of fixed length, read by position. Thread-safe.</summary>
internal interface IByteSource : IDisposable
{
    /// <summary>The file as the caller named it, for error messages.</summary>
    string Path { get; }

    /// <summary>Bytes in the file when it was opened.</summary>
    long Length { get; }

    /// <summary>Fills <paramref name="destination"/> from an offset on; the caller has checked both against the length.</summary>
    /// <exception cref="ModelFormatException">The file has changed since it was opened, so that the bytes are no longer there.</exception>
    void Read(long offset, Span<byte> destination);
}
