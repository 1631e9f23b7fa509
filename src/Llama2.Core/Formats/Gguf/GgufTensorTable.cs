using Llama2.Quantization;
using static System.FormattableString;

namespace Llama2.Formats.Gguf;

/// <summary>
/// Reads the table of tensors of a GGUF file, and checks that every tensor is within the file and that no two overlap. Used once, while the file is
/// opened.
/// </summary>
internal static class GgufTensorTable
{
    /// <summary>
    /// The size of the smallest entry: the length of the name, a name of one byte, the number of dimensions, one dimension, the type, the offset.
    /// </summary>
    public const int MinEntryByteSize = 8 + 1 + 4 + 8 + 4 + 8;

    /// <summary>The maximum number of tensors in a file; Llama 2 70B has 723.</summary>
    public const int MaxCount = 65_536;

    // The limit of the GGUF specification for a tensor's name. GGML itself allows 63 bytes; the names of Llama's tensors have at most 30.
    private const int MaxNameByteSize = 64;
    private const int MaxDimensionCount = 4;

    /// <summary>Reads <paramref name="count"/> entries. The caller must have checked that the file is long enough for this number of entries.</summary>
    /// <param name="reader">A reader positioned at the first entry; the data begin at the first multiple of the alignment after the last entry.</param>
    /// <param name="count">The number of entries to read.</param>
    /// <param name="alignment">A power of two.</param>
    public static TensorDescription[] Read(BoundedReader reader, int count, int alignment)
    {
        var names = new HashSet<string>(count, StringComparer.Ordinal);
        var entries = new Entry[count];
        for (int i = 0; i < count; i++)
        {
            Entry entry = entries[i] = ReadEntry(reader);
            if (!names.Add(entry.Name))
                throw reader.Fault(entry.FileOffset, "tensor name", $"'{entry.Name}'", "two tensors have this name; convert the model again");
        }

        long fileLength = reader.Position + reader.BytesLeft;
        long dataStart = checked(reader.Position + alignment - 1) & -alignment;
        var tensors = new TensorDescription[count];
        for (int i = 0; i < count; i++)
        {
            Entry entry = entries[i];
            CheckExtent(reader, entry, dataStart, fileLength, alignment);
            tensors[i] = new(entry.Name, entry.Type, entry.Dimensions, dataStart + (long)entry.DataOffset, entry.FileOffset);
        }

        CheckOverlaps(reader, tensors);
        return tensors;
    }

    private static Entry ReadEntry(BoundedReader reader)
    {
        long start = reader.Position;
        string name = reader.ReadString("tensor name", MaxNameByteSize);
        if (name.Length == 0)
            throw reader.Fault(start, "tensor name", "empty", "a name must have at least one character");

        long[] dimensions = ReadDimensions(reader, name);
        GgmlType type = ReadType(reader, name, dimensions);
        return new Entry(start, name, dimensions, type, reader.ReadUInt64("tensor offset"));
    }

    private static long[] ReadDimensions(BoundedReader reader, string name)
    {
        uint count = reader.ReadUInt32("tensor dimension count");
        if (count is 0 or > MaxDimensionCount)
            throw reader.Fault(reader.Position - 4, $"dimension count of '{name}'", $"{count}", $"it must be 1 … {MaxDimensionCount}");

        long[] dimensions = new long[count];
        UInt128 elementCount = 1;
        for (int i = 0; i < dimensions.Length; i++)
        {
            ulong dimension = reader.ReadUInt64("tensor dimension");
            if (dimension == 0)
                throw reader.Fault(reader.Position - 8, $"dimension {i} of tensor '{name}'", "0", "a dimension must be at least 1");

            // The product so far is below 2^63, and the next dimension below 2^64, so their product fits in 128 bits.
            elementCount = checked(elementCount * dimension);
            if (elementCount > long.MaxValue)
            {
                throw reader.Fault(
                    reader.Position - 8, $"dimension {i} of tensor '{name}'", Invariant($"{dimension:N0}"),
                    "the tensor would have 2^63 elements or more; the file is malformed");
            }


            dimensions[i] = (long)dimension;
        }

        return dimensions;
    }

    private static GgmlType ReadType(BoundedReader reader, string name, long[] dimensions)
    {
        uint number = reader.ReadUInt32("tensor type");
        if (!GgmlTypes.TryGet(number, out GgmlType type))
        {
            throw reader.Fault(
                reader.Position - 4, $"type of tensor '{name}'", $"{number}",
                GgmlTypes.IsRemoved(number)
                    ? "GGML has removed this type; convert the model again from its original weights"
                    : "this library knows GGML's types 0 … 39; the file is malformed or newer than this library");
        }

        int blockLength = GgmlTypes.BlockLength(type);
        if (dimensions[0] % blockLength != 0)
        {
            throw reader.Fault(
                reader.Position - 4, $"row length of tensor '{name}'", Invariant($"{dimensions[0]:N0}"),
                $"for {type} it must be a multiple of {blockLength}");
        }

        return type;
    }

    private static void CheckExtent(BoundedReader reader, in Entry entry, long dataStart, long fileLength, int alignment)
    {
        if (entry.DataOffset % (uint)alignment != 0)
        {
            throw reader.Fault(
                entry.FileOffset, $"offset of tensor '{entry.Name}'", Invariant($"{entry.DataOffset:N0}"),
                $"it must be a multiple of the alignment, {alignment}");
        }

        UInt128 end = (UInt128)dataStart + entry.DataOffset + ByteSize(entry);
        if (end > (UInt128)fileLength)
        {
            throw reader.Fault(
                entry.FileOffset, $"end of tensor '{entry.Name}'", Invariant($"byte {end:N0}"),
                Invariant($"the file has {fileLength:N0} bytes; it is cut short or malformed, download it again"));
        }
    }

    // The product of the dimensions is below 2^63, so the number of bytes fits in 128 bits.
    private static UInt128 ByteSize(in Entry entry)
    {
        UInt128 byteSize = (UInt128)(entry.Dimensions[0] / GgmlTypes.BlockLength(entry.Type)) * (uint)GgmlTypes.BlockByteSize(entry.Type);
        foreach (long dimension in entry.Dimensions.AsSpan(1))
            byteSize = checked(byteSize * (UInt128)dimension);
        return byteSize;
    }

    private static void CheckOverlaps(BoundedReader reader, TensorDescription[] tensors)
    {
        TensorDescription[] sorted = [.. tensors];
        Array.Sort(sorted, static (left, right) => left.Offset.CompareTo(right.Offset));
        for (int i = 1; i < sorted.Length; i++)
        {
            TensorDescription before = sorted[i - 1];
            if (before.Offset + before.ByteSize > sorted[i].Offset)
            {
                throw reader.Fault(
                    sorted[i].EntryOffset, $"offset of tensor '{sorted[i].Name}'", Invariant($"byte {sorted[i].Offset:N0} of the file"),
                    Invariant($"'{before.Name}' ends only at byte {before.Offset + before.ByteSize:N0}; convert the model again"));
            }
        }
    }

    private readonly record struct Entry(long FileOffset, string Name, long[] Dimensions, GgmlType Type, ulong DataOffset);
}
