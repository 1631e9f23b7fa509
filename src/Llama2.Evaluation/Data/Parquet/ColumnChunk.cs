namespace Llama2.Evaluation.Data.Parquet;

/// <summary>Where the values of a column in a row group are.</summary>
/// <param name="Codec">The number of the compression in parquet.thrift.</param>
/// <param name="ValueCount">The number of values, with nulls and empty lists.</param>
/// <param name="Offset">The position of the first page in the file.</param>
/// <param name="ByteSize">The size of all pages in bytes.</param>
internal sealed record ColumnChunk(int Codec, int ValueCount, long Offset, int ByteSize)
{
    public static ColumnChunk Read(ref CompactReader reader)
    {
        ColumnChunk? chunk = null;
        int id = 0;
        while (reader.TryReadField(ref id, out CompactType fieldType))
        {
            if (id == 3 && fieldType == CompactType.Structure)
                chunk = ReadMetadata(ref reader);
            else if (id == 1)
                throw new FormatException("a column is in another file; write the table to one file");
            else
                reader.Skip(fieldType);
        }

        return chunk ?? throw new FormatException("a column has no metadata; encrypted files are not supported");
    }

    private static ColumnChunk ReadMetadata(ref CompactReader reader)
    {
        int codec = 0, valueCount = 0, byteSize = 0, id = 0;
        long dataOffset = 0, dictionaryOffset = 0;
        while (reader.TryReadField(ref id, out CompactType fieldType))
        {
            switch (id)
            {
                case 4 when fieldType == CompactType.Int32:
                    codec = reader.ReadCount();
                    break;
                case 5 when fieldType == CompactType.Int64:
                    valueCount = reader.ReadCount();
                    break;
                case 7 when fieldType == CompactType.Int64:
                    byteSize = reader.ReadCount();
                    break;
                case 9 when fieldType == CompactType.Int64:
                    dataOffset = reader.ReadInteger();
                    break;
                case 11 when fieldType == CompactType.Int64:
                    dictionaryOffset = reader.ReadInteger();
                    break;
                default:
                    reader.Skip(fieldType);
                    break;
            }
        }

        // Some writers state 0 if there is no dictionary.
        return new ColumnChunk(codec, valueCount, dictionaryOffset > 0 ? Math.Min(dictionaryOffset, dataOffset) : dataOffset, byteSize);
    }
}
