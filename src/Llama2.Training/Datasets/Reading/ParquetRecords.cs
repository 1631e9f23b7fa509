using System.Text.Json;
using Llama2.Evaluation.Data.Parquet;

namespace Llama2.Training.Datasets.Reading;

/// <summary>Reads the rows of a table in Parquet.</summary>
internal static class ParquetRecords
{
    private const long MaxByteSize = 16L << 30;
    private const int MaxRowCount = 10_000_000;
    private const int MaxDepth = 32;

    /// <summary>The rows in order; the line number of a row is its number.</summary>
    /// <param name="file">The table; it is not disposed.</param>
    /// <param name="maximumByteSize">The maximum size of a row as JSON, in bytes.</param>
    public static IEnumerable<JsonRecord> Read(FileStream file, int maximumByteSize)
    {
        var limits = new ParquetLimits(MaxByteSize, MaxRowCount, maximumByteSize, MaxTextLength: maximumByteSize, MaxDepth, _ => "split the table or its rows, or set a higher limit");
        using IEnumerator<JsonElement> rows = ParquetFile.Read(file, limits).GetEnumerator();
        long number = 0;
        while (true)
        {
            string? fault = null;
            bool hasRow = false;
            try
            {
                hasRow = rows.MoveNext();
            }
            catch (ParquetException exception)
            {
                fault = exception.Row is null ? $"the table in Parquet cannot be read: {exception.Message}; get the file again, or write it again" : exception.Message;
            }

            if (fault is not null)
            {
                yield return new JsonRecord(number + 1, default, fault, IsLast: true);
            }

            if (!hasRow)
            {
                yield break;
            }

            yield return new JsonRecord(++number, rows.Current);
        }
    }
}
