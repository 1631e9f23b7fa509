using Llama2.Quantization;

namespace Llama2.Formats;

/// <summary>Where a tensor is in its file, and how its numbers are stored. Immutable; the reader of the file has checked all values.</summary>
internal sealed class TensorDescription
{
    /// <param name="name">The tensor's name, as the file's format names it.</param>
    /// <param name="type">How its numbers are stored.</param>
    /// <param name="dimensions">One to four lengths, each 1 or more, the row length first; their product fits in a <see cref="long"/>.</param>
    /// <param name="offset">File offset of the first byte.</param>
    /// <param name="entryOffset">File offset of the entry that describes the tensor, for error messages; null if no single entry does.</param>
    public TensorDescription(string name, GgmlType type, long[] dimensions, long offset, long? entryOffset)
    {
        Name = name;
        Type = type;
        Dimensions = dimensions;
        Offset = offset;
        EntryOffset = entryOffset;
        RowByteSize = GgmlTypes.RowByteSize(type, dimensions[0]);
        RowCount = 1;
        for (int i = 1; i < dimensions.Length; i++)
            RowCount = checked(RowCount * dimensions[i]);
        ByteSize = checked(RowByteSize * RowCount);
    }

    /// <summary>The name, such as <c>blk.0.attn_q.weight</c>.</summary>
    public string Name { get; }

    /// <summary>How the numbers are stored. This may be a type that GGML has but this library does not support.</summary>
    public GgmlType Type { get; }

    /// <summary>
    /// The lengths of the dimensions in GGUF's order. The row length comes first: the elements of a row are neighbours in the file.
    /// </summary>
    public IReadOnlyList<long> Dimensions { get; }

    /// <summary>File offset of the first byte.</summary>
    public long Offset { get; }

    /// <summary>File offset of the table entry that describes the tensor, for error messages; null if no single entry does.</summary>
    public long? EntryOffset { get; }

    /// <summary>The size of the whole tensor in bytes, without padding.</summary>
    public long ByteSize { get; }

    /// <summary>The number of weights in a row.</summary>
    public long RowLength => Dimensions[0];

    /// <summary>The number of rows: the product of all dimensions except the first.</summary>
    public long RowCount { get; }

    /// <summary>The size of a row in bytes.</summary>
    public long RowByteSize { get; }

    public override string ToString() => $"{Name} {Type} [{string.Join(" × ", Dimensions)}]";
}
