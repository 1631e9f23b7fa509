namespace Llama2.Evaluation.Data.Parquet;

/// <summary>A table cannot be read. The reader of data catches it and adds the file.</summary>
/// <param name="row">The row, from 1; null if the table is damaged as a whole.</param>
/// <param name="message">What is wrong and what to do, without a full stop.</param>
/// <param name="cause">The exception that says so, or null.</param>
internal sealed class ParquetException(int? row, string message, Exception? cause) : Exception(message, cause)
{
    /// <summary>The row, from 1; null if the table is damaged as a whole.</summary>
    public int? Row => row;
}
