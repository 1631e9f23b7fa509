using System.Text.Json;
using Llama2.Evaluation.Data.Input;
using static System.FormattableString;

namespace Llama2.Evaluation.Data.Reading;

/// <summary>Reads the rows of a file in the format that its name's ending states.</summary>
internal static class RowFile
{
    private static readonly Dictionary<string, Func<string, DataOptions, IEnumerable<JsonElement>>> s_readers = new()
    {
        [".parquet"] = ParquetRows.Read,
        [".jsonl"] = JsonLinesFile.Read,
        [".ndjson"] = JsonLinesFile.Read,
        [".json"] = JsonFile.Read,
        [".csv"] = (path, options) => DelimitedFile.Read(path, options),
        [".tsv"] = (path, options) => DelimitedFile.Read(path, options),
        [".txt"] = TextFile.Read,
    };

    /// <summary>The endings of names that can be read, in the order in which they are preferred; each except Parquet's may be followed by <c>.gz</c>.</summary>
    public static IEnumerable<string> Extensions => s_readers.Keys;

    /// <summary>Reads rows one by one.</summary>
    /// <exception cref="EvaluationDataException">The format is not known, or the file is malformed or exceeds a limit.</exception>
    public static IEnumerable<JsonElement> Read(string path, DataOptions options)
    {
        string extension = InputFile.Extension(path);
        return s_readers.TryGetValue(extension, out Func<string, DataOptions, IEnumerable<JsonElement>>? read)
            ? Limited(read(path, options), path, options)
            : throw DataFault.InFile(path, $"the ending '{extension}' is not known; known are {string.Join(", ", Extensions)}, and each of them except .parquet with .gz");
    }

    private static IEnumerable<JsonElement> Limited(IEnumerable<JsonElement> rows, string path, DataOptions options)
    {
        int count = 0;
        foreach (JsonElement row in rows)
        {
            yield return ++count <= options.MaxRowCount
                ? row
                : throw DataFault.InFile(path, Invariant($"there are more than {options.MaxRowCount:N0} rows; if you trust the file, allow more with {nameof(DataOptions)}.{nameof(DataOptions.MaxRowCount)}"));
        }
    }
}
