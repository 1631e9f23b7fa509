using System.Text.Json;

namespace Llama2.Evaluation.Data.Reading;

/// <summary>The form of a file of JSON.</summary>
/// <param name="Rows">Where the rows are; empty if the file has columns.</param>
/// <param name="HasColumns">Whether the file is an object of lists, one per field.</param>
internal sealed record JsonShape(IReadOnlyList<Range> Rows, bool HasColumns)
{
    /// <summary>The levels of nesting that a file may have around its rows: a list, an object, a row of Hugging Face's viewer.</summary>
    public const int MaxExtraDepth = 3;

    /// <summary>Finds the form; the rows themselves are only skipped.</summary>
    /// <exception cref="JsonException">The file is not JSON.</exception>
    public static JsonShape Find(ReadOnlySpan<byte> utf8, DataOptions options)
    {
        var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = options.MaxDepth + MaxExtraDepth, AllowMultipleValues = true });
        List<Range> values = [];
        while (reader.Read())
        {
            if (values.Count == 0 && reader.TokenType == JsonTokenType.StartArray)
            {
                List<Range> items = Items(ref reader, options, 0);
                if (reader.Read())
                    throw new JsonException("There is more after the list.");
                return new JsonShape(items, HasColumns: false);
            }

            Add(values, Value(ref reader, 0), options);
        }

        return values is [var only] && utf8[only][0] == '{' ? OfObject(utf8[only], only.Start.Value, options) : new JsonShape(values, HasColumns: false);
    }

    private static JsonShape OfObject(ReadOnlySpan<byte> utf8, int offset, DataOptions options)
    {
        var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = options.MaxDepth + MaxExtraDepth });
        List<Range>? rows = null, viewerRows = null;
        int listCount = 0, objectListCount = 0, fieldCount = 0;
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool isRows = reader.ValueTextEquals("rows"u8);
            reader.Read();
            fieldCount++;
            if (reader.TokenType != JsonTokenType.StartArray)
            {
                reader.Skip();
                continue;
            }

            listCount++;
            List<Range> items = Items(ref reader, options, 0);
            if (items is [var first, ..] && utf8[first][0] == '{')
            {
                objectListCount++;
                rows = items;
                viewerRows = isRows ? ViewerRows(utf8, items, options) : viewerRows;
            }
        }

        if (viewerRows is not null || objectListCount == 1)
            return new JsonShape([.. (viewerRows ?? rows!).Select(range => new Range(range.Start.Value + offset, range.End.Value + offset))], HasColumns: false);
        return listCount > 0 && listCount == fieldCount ? new JsonShape([], HasColumns: true) : new JsonShape([offset..(offset + utf8.Length)], HasColumns: false);
    }

    // Null if an item has no object "row".
    private static List<Range>? ViewerRows(ReadOnlySpan<byte> utf8, List<Range> items, DataOptions options)
    {
        List<Range> rows = [];
        foreach (Range item in items)
        {
            var reader = new Utf8JsonReader(utf8[item], new JsonReaderOptions { MaxDepth = options.MaxDepth + MaxExtraDepth });
            int before = rows.Count;
            reader.Read();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                bool isRow = reader.ValueTextEquals("row"u8);
                reader.Read();
                bool isObject = reader.TokenType == JsonTokenType.StartObject;
                Range value = Value(ref reader, item.Start.Value);
                if (isRow && isObject && rows.Count == before)
                    rows.Add(value);
            }

            if (rows.Count == before)
                return null;
        }

        return rows;
    }

    private static List<Range> Items(ref Utf8JsonReader reader, DataOptions options, int offset)
    {
        List<Range> items = [];
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            Add(items, Value(ref reader, offset), options);
        return items;
    }

    private static Range Value(ref Utf8JsonReader reader, int offset)
    {
        int start = (int)reader.TokenStartIndex + offset;
        reader.Skip();
        return start..((int)reader.BytesConsumed + offset);
    }

    // One row more than allowed is kept, so that the reader of the rows reports the limit.
    private static void Add(List<Range> values, Range value, DataOptions options)
    {
        if (values.Count <= options.MaxRowCount)
            values.Add(value);
    }
}
