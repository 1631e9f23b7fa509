using System.Text.Json;
using Llama2.Evaluation.Data.Input;

namespace Llama2.Evaluation.Data.Reading;

/// <summary>
/// Reads a file of JSON in any of the forms in which data sets are published: a list of objects; objects one after the other; an object with one list
/// of objects, such as <c>{"version":…,"data":[…]}</c>; an object of lists of the same length, one per field; the rows of Hugging Face's viewer
/// (<c>{"rows":[{"row":{…}}]}</c>). An object of no such form is a single row.
/// </summary>
internal static class JsonFile
{
    // A file of columns is parsed as a whole, which takes up to six times its size.
    private const int MaxColumnsByteSize = 64 << 20;

    public static IEnumerable<JsonElement> Read(string path, DataOptions options)
    {
        ReadOnlyMemory<byte> bytes = InputFile.ReadAll(path, options);
        JsonShape shape;
        try
        {
            shape = JsonShape.Find(bytes.Span, options);
        }
        catch (JsonException exception)
        {
            throw DataFault.InFile(path, $"the JSON is malformed, or nested deeper than allowed: {exception.Message.TrimEnd('.')}", exception);
        }
        catch (InvalidOperationException exception)
        {
            throw DataFault.InFile(path, "the name of a field has half of a surrogate pair; write the whole pair, or U+FFFD", exception);
        }

        if (shape.HasColumns)
            return JsonColumns.Read(Root(path, bytes, options), path, options);
        return shape.Rows.Select((range, index) => JsonRow.Parse(
            bytes.Span[range], options, (fault, cause) => DataFault.At(path, "row", index + 1, fault, cause)));
    }

    /// <summary>Reads a file that is one object.</summary>
    public static JsonElement ReadRoot(string path, DataOptions options) => Root(path, InputFile.ReadAll(path, options), options);

    private static JsonElement Root(string path, ReadOnlyMemory<byte> bytes, DataOptions options)
    {
        DataOptions whole = options with { MaxRowByteSize = (int)Math.Min(options.MaxByteSize, MaxColumnsByteSize), MaxDepth = options.MaxDepth + JsonShape.MaxExtraDepth };
        return JsonRow.Parse(bytes.Span, whole, (fault, cause) => DataFault.InFile(path, fault, cause));
    }
}
