using System.Buffers.Binary;
using Llama2.Memory;
using static System.FormattableString;

namespace Llama2.Model;

/// <summary>
/// The layout of the panel file of a model. All of it follows from the model's table of tensors, so that no offset and no length is read from
/// the panel file. Immutable.
/// </summary>
/// <remarks>
/// A panel file has the embedding table and the panels of all matrices as they are in memory, so that they can be mapped instead of being read and
/// repacked. Every kernel tier reads the same panels.
/// </remarks>
internal sealed class PanelFileLayout
{
    // bytes 0-7 "L2PANELS" | 8-11 version | 12-15 zero | 16-23 file length | 24-55 key of the model | 56-63 zero
    // then the parts of WeightPlan, each on a 64-byte boundary | zeros up to a 64-byte boundary | SHA-256 of each chunk of each part
    // All numbers are little-endian. A part is divided into chunks of 4 MiB, the last of which is shorter.

    /// <summary>The version of this layout and of the panels. It must change when either of them changes.</summary>
    public const uint Version = 1;

    /// <summary>The size of the header in bytes, which is the offset of the first part.</summary>
    public const int HeaderByteSize = 64;

    /// <summary>The size of a chunk in bytes.</summary>
    public const int ChunkByteSize = 4 << 20;

    /// <summary>The size of the key, and of the digest of a chunk.</summary>
    public const int DigestByteSize = 32;

    /// <param name="partByteSizes">The sizes of the parts (<see cref="WeightPlan.PartByteSizes"/>).</param>
    /// <param name="key">32 bytes that identify the model file and its state.</param>
    public PanelFileLayout(IReadOnlyList<long> partByteSizes, ReadOnlySpan<byte> key)
    {
        List<(long, long)> parts = [];
        List<(long, int)> chunks = [];
        long end = HeaderByteSize;
        foreach (long byteSize in partByteSizes)
        {
            long offset = end + WeightStorage.PaddingAfter(end);
            parts.Add((offset, byteSize));
            for (long start = 0; start < byteSize; start += ChunkByteSize)
            {
                chunks.Add((offset + start, (int)Math.Min(ChunkByteSize, byteSize - start)));
            }

            end = offset + byteSize;
        }

        Parts = parts;
        Chunks = chunks;
        PartsByteSize = end - HeaderByteSize;
        DigestOffset = end + WeightStorage.PaddingAfter(end);
        FileByteSize = DigestOffset + (long)chunks.Count * DigestByteSize;
        byte[] header = new byte[HeaderByteSize];
        "L2PANELS"u8.CopyTo(header);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(8), Version);
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(16), FileByteSize);
        key[..DigestByteSize].CopyTo(header.AsSpan(24));
        Header = header;
    }

    /// <summary>The offset and the size of each part.</summary>
    public IReadOnlyList<(long Offset, long ByteSize)> Parts { get; }

    /// <summary>The offset and the size of each chunk.</summary>
    public IReadOnlyList<(long Offset, int ByteSize)> Chunks { get; }

    /// <summary>The size of all parts together, with the padding between them.</summary>
    public long PartsByteSize { get; }

    /// <summary>The offset of the chunks' digests.</summary>
    public long DigestOffset { get; }

    /// <summary>The size of the file.</summary>
    public long FileByteSize { get; }

    /// <summary>The header, which is the same for every file of this model and version.</summary>
    public ReadOnlyMemory<byte> Header { get; }

    /// <summary>Compares a file with this layout. Returns what is wrong, or null if the file's length and header are right.</summary>
    public string? FindFault(MappedFile file)
    {
        ReadOnlySpan<byte> expected = Header.Span, header = file.Slice(0, (int)Math.Min(file.Length, HeaderByteSize));
        if (header.Length < HeaderByteSize || !header[..8].SequenceEqual(expected[..8]))
        {
            return "it is not a panel file, or is damaged";
        }

        if (!header[8..16].SequenceEqual(expected[8..16]))
        {
            return Invariant($"it has version {BinaryPrimitives.ReadUInt32LittleEndian(header[8..])} of the layout, and this library reads version {Version}");
        }

        if (!header.SequenceEqual(expected))
        {
            return "it was made from another model file, or the model file has changed since";
        }

        return file.Length == FileByteSize ? null : Invariant($"it has {file.Length:N0} bytes instead of {FileByteSize:N0}: it is incomplete or damaged");
    }
}
