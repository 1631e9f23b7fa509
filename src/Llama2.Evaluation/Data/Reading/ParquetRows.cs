using System.Text.Json;
using Llama2.Evaluation.Data.Input;
using Llama2.Evaluation.Data.Parquet;

namespace Llama2.Evaluation.Data.Reading;

/// <summary>Reads the rows of a table in Parquet, with the limits and messages of evaluation data.</summary>
internal static class ParquetRows
{
    public static IEnumerable<JsonElement> Read(string path, DataOptions options)
    {
        var limits = new ParquetLimits(
            options.MaxByteSize, options.MaxRowCount, options.MaxRowByteSize, options.MaxTextLength, options.MaxDepth, name => $"if you trust the file, allow more with {nameof(DataOptions)}.{name}");
        using FileStream file = InputFile.OpenRaw(path);
        using IEnumerator<JsonElement> rows = ParquetFile.Read(file, limits).GetEnumerator();
        while (MoveNext())
            yield return rows.Current;

        bool MoveNext()
        {
            try
            {
                return rows.MoveNext();
            }
            catch (ParquetException exception)
            {
                throw exception.Row is { } row ? DataFault.At(path, "row", row, exception.Message, exception) : DataFault.InFile(path, exception.Message, exception);
            }
        }
    }
}
