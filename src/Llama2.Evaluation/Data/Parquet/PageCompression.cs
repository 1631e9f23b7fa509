using System.IO.Compression;
using ZstdSharp;

namespace Llama2.Evaluation.Data.Parquet;

/// <summary>Decompresses pages. Memory is taken only for bytes that are there, whatever size a header states.</summary>
internal static class PageCompression
{
    // A copy of 64 bytes takes three bytes: no text expands more than this.
    private const int MaxSnappyRatio = 22;
    private static readonly string[] s_names = ["no compression", "Snappy", "GZIP", "LZO", "Brotli", "LZ4", "Zstandard", "LZ4_RAW"];

    /// <param name="codec">The number of the compression in parquet.thrift.</param>
    /// <param name="bytes">The compressed bytes.</param>
    /// <param name="byteSize">The size of the result in bytes, as the page's header states it.</param>
    /// <exception cref="FormatException">The bytes are malformed, or do not have this size.</exception>
    public static ReadOnlyMemory<byte> Decompress(int codec, ReadOnlyMemory<byte> bytes, int byteSize)
    {
        try
        {
            return codec switch
            {
                0 when bytes.Length == byteSize => bytes,
                0 => throw new FormatException("the size of a page differs from the size in its header"),
                1 => Snappy(bytes.Span, byteSize),
                2 => Inflate(new GZipStream(Stream(bytes), CompressionMode.Decompress), byteSize),
                4 => Inflate(new BrotliStream(Stream(bytes), CompressionMode.Decompress), byteSize),
                6 => Inflate(new DecompressionStream(Stream(bytes)), byteSize),
                _ => throw new FormatException(
                    $"it is compressed with {(codec < s_names.Length ? s_names[codec] : $"codec {codec}")}, which is not supported; supported are Snappy, GZIP, Brotli and Zstandard"),
            };
        }
        catch (Exception exception) when (exception is InvalidDataException or InvalidOperationException or ZstdException or EndOfStreamException)
        {
            throw new FormatException($"a page's {s_names[codec]} data are damaged", exception);
        }
    }

    private static byte[] Snappy(ReadOnlySpan<byte> bytes, int byteSize)
    {
        if (byteSize > (long)bytes.Length * MaxSnappyRatio || Snappier.Snappy.GetUncompressedLength(bytes) != byteSize)
            throw new FormatException("the size of a page differs from the size in its header");
        byte[] result = new byte[byteSize];
        return Snappier.Snappy.Decompress(bytes, result) == byteSize ? result : throw new FormatException("the size of a page differs from the size in its header");
    }

    private static ReadOnlyMemory<byte> Inflate(Stream stream, int byteSize)
    {
        using (stream)
        {
            using var result = new MemoryStream();
            byte[] buffer = new byte[Math.Min(1 << 16, byteSize + 1)];
            while (stream.Read(buffer) is > 0 and var count)
            {
                if (result.Length + count > byteSize)
                    throw new FormatException("a page is larger than its header states");
                result.Write(buffer, 0, count);
            }

            return result.Length == byteSize ? result.GetBuffer().AsMemory(0, byteSize) : throw new FormatException("a page is smaller than its header states");
        }
    }

    private static MemoryStream Stream(ReadOnlyMemory<byte> bytes) => new(bytes.ToArray(), writable: false);
}
