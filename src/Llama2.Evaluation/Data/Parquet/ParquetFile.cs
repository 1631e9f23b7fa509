using System.Text.Json;
using Llama2.Evaluation.Data.Input;
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

    public static IEnumerable<JsonElement> Read(string path, DataOptions options)
    {
        using FileStream file = InputFile.OpenRaw(path);
        if (file.Length > options.MaxByteSize)
            throw DataFault.InFile(path, Invariant($"it has more than {options.MaxByteSize:N0} bytes; if you trust it, allow more with {nameof(DataOptions)}.{nameof(DataOptions.MaxByteSize)}"));
        Footer footer = Guarded(path, null, () => Footer.Read(file));
        SchemaNode root = Guarded(path, null, () => SchemaNode.Build(footer.Schema, options.MaxDepth));
        SchemaNode[] columns = [.. Columns(root)];
        using var writer = new RowWriter();
        long bytesLeft = options.MaxByteSize, writtenLeft = options.MaxByteSize;
        int number = 0;
        foreach (RowGroup rowGroup in footer.RowGroups)
        {
            RowAssembler rows = new(root, Guarded(path, null, () => ReadColumns(path, file, rowGroup, columns, options, ref bytesLeft)), options);
            for (int row = 0; row < rowGroup.RowCount; row++)
            {
                number++;
                EvaluationDataException At(string fault, Exception? cause) => DataFault.At(path, "row", number, fault, cause);
                JsonElement element = Guarded(path, number, () => writer.Write(rows.WriteFields, options, At));
                if ((writtenLeft -= writer.ByteSize) < 0)
                    throw At(Invariant($"the rows have more than {options.MaxByteSize:N0} bytes as JSON; if you trust the file, allow more with {nameof(DataOptions)}.{nameof(DataOptions.MaxByteSize)}"), null);
                yield return element;
            }

            if (!rows.IsAtEnd)
                throw DataFault.InFile(path, "its columns have more values than its row groups have rows");
        }
    }

    private static Column[] ReadColumns(string path, FileStream file, RowGroup rowGroup, SchemaNode[] nodes, DataOptions options, ref long bytesLeft)
    {
        if (rowGroup.Columns.Count != nodes.Length)
            throw new FormatException($"a row group has {rowGroup.Columns.Count} columns, and the schema {nodes.Length}");
        if (rowGroup.RowCount > options.MaxRowCount || rowGroup.Columns.Sum(chunk => (long)chunk.ValueCount) > MaxValueCount)
            throw new FormatException($"a row group has more than {Math.Min(options.MaxRowCount, MaxValueCount)} rows or {MaxValueCount} values; write the table again, with smaller row groups");
        var columns = new Column[nodes.Length];
        for (int i = 0; i < columns.Length; i++)
        {
            ColumnChunk chunk = rowGroup.Columns[i];
            if (chunk.Offset < 0 || chunk.Offset > file.Length - chunk.ByteSize)
                throw new FormatException($"its field {DataFault.Quote(nodes[i].Name)} is beyond the end of the file");
            byte[] bytes = new byte[chunk.ByteSize];
            file.Position = chunk.Offset;
            file.ReadExactly(bytes);
            try
            {
                columns[i] = new ColumnReader(nodes[i], chunk, options).Read(bytes, ref bytesLeft);
            }
            catch (FormatException exception)
            {
                throw DataFault.InFile(path, $"in the field {DataFault.Quote(nodes[i].Name)}, {exception.Message}", exception);
            }
        }

        return columns;
    }

    private static IEnumerable<SchemaNode> Columns(SchemaNode node) => node.Kind == NodeKind.Column ? [node] : node.Children.SelectMany(Columns);

    private static T Guarded<T>(string path, int? row, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception exception) when (exception is FormatException or IOException)
        {
            throw row is { } number ? DataFault.At(path, "row", number, exception.Message, exception) : DataFault.InFile(path, exception.Message, exception);
        }
    }
}
