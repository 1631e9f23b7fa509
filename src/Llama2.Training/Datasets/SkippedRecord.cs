namespace Llama2.Training;

/// <summary>A record that was skipped when a data set was read.</summary>
/// <param name="LineNumber">The line on which the record begins, or the row of a Parquet table, from 1.</param>
/// <param name="Reason">The reason for skipping it.</param>
public sealed record SkippedRecord(long LineNumber, string Reason);
