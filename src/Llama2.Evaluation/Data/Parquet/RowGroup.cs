namespace Llama2.Evaluation.Data.Parquet;

/// <summary>A part of the rows of a file.</summary>
/// <param name="RowCount">The number of rows.</param>
/// <param name="Columns">The columns, in the order of the schema.</param>
internal sealed record RowGroup(int RowCount, IReadOnlyList<ColumnChunk> Columns)
{
    public static RowGroup Read(ref CompactReader reader)
    {
        int rowCount = 0, id = 0;
        List<ColumnChunk> columns = [];
        while (reader.TryReadField(ref id, out CompactType fieldType))
        {
            if (id == 1 && fieldType == CompactType.List)
            {
                for (int left = reader.ReadListHeader(out _); left > 0; left--)
                    columns.Add(ColumnChunk.Read(ref reader));
            }
            else if (id == 3 && fieldType == CompactType.Int64)
            {
                rowCount = reader.ReadCount();
            }
            else
            {
                reader.Skip(fieldType);
            }
        }

        return new RowGroup(rowCount, columns);
    }
}
