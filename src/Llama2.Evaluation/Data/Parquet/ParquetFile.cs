using System.Text.Json;
using static System.FormattableString;

namespace Llama2.Evaluation.Data.Parquet;

/// <summary>
/// Reads Parquet (github.com/apache/parquet-format): texts, whole and floating-point numbers and truth values, lists and structures of them, and nulls;
/// the encodings PLAIN, dictionary, RLE, DELTA_BINARY_PACKED, DELTA_LENGTH_BYTE_ARRAY and BYTE_STREAM_SPLIT; pages of both versions; Snappy, GZIP,
/// Brotli, Zstandard or no compression. A map is read as a list of objects. One row group is in memory at a time.
/// </summary>
internal static class ParquetFile
{
    // The values of a row group take up to 24 bytes each in memory, however few bytes they take in the file.
    private const int MaxValueCount = 1 << 24;
    private const int MaxQuotedLength = 60;

    /// <summary>Reads the rows one by one.</summary>
    /// <param name="file">The table. It is read at any position, and not disposed.</param>
    /// <param name="limits">The limits.</param>
    /// <exception cref="ParquetException">The table is malformed or exceeds a limit. It is thrown when the row that has the fault is read.</exception>
    public static IEnumerable<JsonElement> Read(FileStream file, ParquetLimits limits)
    {
        if (file.Length > limits.MaxByteSize)
            throw new ParquetException(null, Invariant($"it has more than {limits.MaxByteSize:N0} bytes; {limits.Remedy(nameof(limits.MaxByteSize))}"), null);
        Footer footer = Guarded(null, () => Footer.Read(file));
        SchemaNode root = Guarded(null, () => SchemaNode.Build(footer.Schema, limits.MaxDepth));
        SchemaNode[] columns = [.. Columns(root)];
        using var buffer = new RowBuffer();
        long bytesLeft = limits.MaxByteSize, writtenLeft = limits.MaxByteSize;
        int number = 0;
        foreach (RowGroup rowGroup in footer.RowGroups)
        {
            RowAssembler rows = new(root, Guarded(null, () => ReadColumns(file, rowGroup, columns, limits, ref bytesLeft)), limits);
            for (int row = 0; row < rowGroup.RowCount; row++)
            {
                number++;
                JsonElement element = Guarded(number, () => buffer.Write(rows.WriteFields, limits));
                if ((writtenLeft -= buffer.ByteSize) < 0)
                    throw new ParquetException(number, Invariant($"the rows have more than {limits.MaxByteSize:N0} bytes as JSON; {limits.Remedy(nameof(limits.MaxByteSize))}"), null);
                yield return element;
            }

            if (!rows.IsAtEnd)
                throw new ParquetException(null, "its columns have more values than its row groups have rows", null);
        }
    }

    private static Column[] ReadColumns(FileStream file, RowGroup rowGroup, SchemaNode[] nodes, ParquetLimits limits, ref long bytesLeft)
    {
        if (rowGroup.Columns.Count != nodes.Length)
            throw new FormatException($"a row group has {rowGroup.Columns.Count} columns, and the schema {nodes.Length}");
        if (rowGroup.RowCount > limits.MaxRowCount || rowGroup.Columns.Sum(chunk => (long)chunk.ValueCount) > MaxValueCount)
            throw new FormatException($"a row group has more than {Math.Min(limits.MaxRowCount, MaxValueCount)} rows or {MaxValueCount} values; write the table again, with smaller row groups");
        var columns = new Column[nodes.Length];
        for (int i = 0; i < columns.Length; i++)
        {
            ColumnChunk chunk = rowGroup.Columns[i];
            if (chunk.Offset < 0 || chunk.Offset > file.Length - chunk.ByteSize)
                throw new FormatException($"its field {Quote(nodes[i].Name)} is beyond the end of the file");
            byte[] bytes = new byte[chunk.ByteSize];
            file.Position = chunk.Offset;
            file.ReadExactly(bytes);
            try
            {
                columns[i] = new ColumnReader(nodes[i], chunk, limits).Read(bytes, ref bytesLeft);
            }
            catch (FormatException exception)
            {
                throw new FormatException($"in the field {Quote(nodes[i].Name)}, {exception.Message}", exception);
            }
        }

        return columns;
    }

    private static IEnumerable<SchemaNode> Columns(SchemaNode node) => node.Kind == NodeKind.Column ? [node] : node.Children.SelectMany(Columns);

    // A name as it is quoted in a message: shortened, and without control characters.
    private static string Quote(string name) =>
        $"'{string.Concat(name.Take(MaxQuotedLength).Select(character => char.IsControl(character) || char.IsSurrogate(character) ? '?' : character))}{(name.Length > MaxQuotedLength ? "…" : "")}'";

    private static T Guarded<T>(int? row, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception exception) when (exception is FormatException or IOException)
        {
            throw new ParquetException(row, exception.Message, exception);
        }
    }
}
