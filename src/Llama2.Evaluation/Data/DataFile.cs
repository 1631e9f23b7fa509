using System.Text.Json;
using Llama2.Evaluation.Data.Reading;

namespace Llama2.Evaluation;

/// <summary>Reads files of evaluation data. All methods are thread-safe.</summary>
public static class DataFile
{
    /// <summary>
    /// Reads the rows of a file one by one. The ending of its name states the format: Parquet (<c>.parquet</c>), JSON lines (<c>.jsonl</c>,
    /// <c>.ndjson</c>), JSON (<c>.json</c>: a list of objects, an object with one list of objects, or an object of lists of the same length), comma- and
    /// tab-separated values (<c>.csv</c>, <c>.tsv</c>: every value is a text), and plain text (<c>.txt</c>: each line is a row with the field
    /// <c>text</c>). Each except Parquet may be compressed (<c>.gz</c>). The text is UTF-8.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="options">The limits; null for the defaults.</param>
    /// <returns>The rows, which are objects of JSON. They stay valid for as long as they are referenced.</returns>
    /// <exception cref="EvaluationDataException">
    /// The file is missing, in no known format, malformed or larger than allowed. It is thrown when the row that has the fault is read.
    /// </exception>
    public static IEnumerable<JsonElement> Read(string path, DataOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return RowFile.Read(path, options ?? new DataOptions());
    }
}
