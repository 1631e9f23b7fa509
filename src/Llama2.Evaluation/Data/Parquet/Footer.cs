using System.Buffers.Binary;

namespace Llama2.Evaluation.Data.Parquet;

/// <summary>
/// The metadata at the end of a file (github.com/apache/parquet-format):
/// <c>"PAR1" | pages | footer | length of the footer (4 bytes, little endian) | "PAR1"</c>.
/// </summary>
/// <param name="Schema">The elements of the schema, a group before its elements; the first is the root.</param>
/// <param name="RowGroups">The parts of the rows.</param>
internal sealed record Footer(IReadOnlyList<SchemaElement> Schema, IReadOnlyList<RowGroup> RowGroups)
{
    // A footer has about 100 bytes per column and row group.
    private const int MaxByteSize = 4 << 20;
    private const int MaxElementCount = 10_000;
    private const int TailByteSize = 8;

    /// <summary>Reads the footer of a file.</summary>
    /// <exception cref="FormatException">The file is malformed.</exception>
    public static Footer Read(Stream file)
    {
        Span<byte> tail = stackalloc byte[TailByteSize];
        if (file.Length < 4 + TailByteSize)
            throw new FormatException("it is too short for a Parquet file");
        file.Position = file.Length - TailByteSize;
        file.ReadExactly(tail);
        if (tail[4..].SequenceEqual("PARE"u8))
            throw new FormatException("it is encrypted, which is not supported");
        if (!tail[4..].SequenceEqual("PAR1"u8))
            throw new FormatException("it is not a Parquet file, or it is cut off: it does not end in PAR1; get the file again");
        uint length = BinaryPrimitives.ReadUInt32LittleEndian(tail);
        if (length > MaxByteSize || length > file.Length - TailByteSize)
            throw new FormatException($"its footer has {length} bytes, which is more than the file, or more than the {MaxByteSize} that are allowed");
        byte[] bytes = new byte[length];
        file.Position = file.Length - TailByteSize - length;
        file.ReadExactly(bytes);
        return Parse(bytes);
    }

    private static Footer Parse(ReadOnlySpan<byte> bytes)
    {
        var reader = new CompactReader(bytes);
        List<SchemaElement> schema = [];
        List<RowGroup> rowGroups = [];
        int id = 0;
        while (reader.TryReadField(ref id, out CompactType fieldType))
        {
            if (id == 2 && fieldType == CompactType.List)
            {
                for (int left = reader.ReadListHeader(out _); left > 0; left--)
                    schema.Add(schema.Count < MaxElementCount ? SchemaElement.Read(ref reader) : throw new FormatException($"its schema has more than {MaxElementCount} elements"));
            }
            else if (id == 4 && fieldType == CompactType.List)
            {
                for (int left = reader.ReadListHeader(out _); left > 0; left--)
                    rowGroups.Add(RowGroup.Read(ref reader));
            }
            else
            {
                reader.Skip(fieldType);
            }
        }

        return new Footer(schema, rowGroups);
    }
}
