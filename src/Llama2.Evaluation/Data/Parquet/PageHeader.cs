namespace Llama2.Evaluation.Data.Parquet;

/// <summary>The header of a page.</summary>
internal struct PageHeader
{
    /// <summary>0 data, 1 index, 2 dictionary, 3 data of version 2.</summary>
    public int Type { get; private set; }

    public int ByteSize { get; private set; }

    public int CompressedByteSize { get; private set; }

    public int ValueCount { get; private set; }

    public int Encoding { get; private set; }

    /// <summary>Sizes of the levels of a page of version 2, which are not compressed.</summary>
    public int DefinitionByteSize { get; private set; }

    public int RepetitionByteSize { get; private set; }

    /// <summary>Whether the values of a page of version 2 are not compressed although the column is.</summary>
    public bool IsUncompressed { get; private set; }

    public static PageHeader Read(ref CompactReader reader)
    {
        var header = new PageHeader();
        int id = 0;
        while (reader.TryReadField(ref id, out CompactType type))
        {
            switch (id)
            {
                case 1 when type == CompactType.Int32:
                    header.Type = reader.ReadCount();
                    break;
                case 2 when type == CompactType.Int32:
                    header.ByteSize = reader.ReadCount();
                    break;
                case 3 when type == CompactType.Int32:
                    header.CompressedByteSize = reader.ReadCount();
                    break;
                case 5 or 7 when type == CompactType.Structure:
                    header.ReadPage(ref reader);
                    break;
                case 8 when type == CompactType.Structure:
                    header.ReadPage2(ref reader);
                    break;
                default:
                    reader.Skip(type);
                    break;
            }
        }

        return header;
    }

    private void ReadPage(ref CompactReader reader)
    {
        int id = 0;
        while (reader.TryReadField(ref id, out CompactType type))
        {
            if (id == 1 && type == CompactType.Int32)
                ValueCount = reader.ReadCount();
            else if (id == 2 && type == CompactType.Int32)
                Encoding = reader.ReadCount();
            else
                reader.Skip(type);
        }
    }

    private void ReadPage2(ref CompactReader reader)
    {
        int id = 0;
        while (reader.TryReadField(ref id, out CompactType type))
        {
            switch (id)
            {
                case 1 when type == CompactType.Int32:
                    ValueCount = reader.ReadCount();
                    break;
                case 4 when type == CompactType.Int32:
                    Encoding = reader.ReadCount();
                    break;
                case 5 when type == CompactType.Int32:
                    DefinitionByteSize = reader.ReadCount();
                    break;
                case 6 when type == CompactType.Int32:
                    RepetitionByteSize = reader.ReadCount();
                    break;
                case 7:
                    IsUncompressed = type == CompactType.False;
                    break;
                default:
                    reader.Skip(type);
                    break;
            }
        }
    }
}
