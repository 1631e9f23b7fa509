namespace Llama2.Evaluation.Data.Parquet;

/// <summary>Limits for a table, which is untrusted.</summary>
/// <param name="MaxByteSize">The maximum size in bytes of the file, of its pages without compression, and of its rows as JSON.</param>
/// <param name="MaxRowCount">The maximum number of rows of a row group.</param>
/// <param name="MaxRowByteSize">The maximum size of a row in bytes, as JSON in UTF-8.</param>
/// <param name="MaxTextLength">The maximum length of a text in UTF-16 code units.</param>
/// <param name="MaxDepth">The maximum number of lists and objects that contain each other.</param>
/// <param name="Remedy">What to do if a limit is exceeded; its argument is the limit's name here. The text follows a semicolon.</param>
internal sealed record ParquetLimits(long MaxByteSize, int MaxRowCount, int MaxRowByteSize, int MaxTextLength, int MaxDepth, Func<string, string> Remedy);
