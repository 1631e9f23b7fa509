namespace Llama2.Training;

/// <summary>A record that was left out of a data set.</summary>
/// <param name="LineNumber">The line that it begins on, from 1.</param>
/// <param name="Reason">Why.</param>
public sealed record SkippedRecord(long LineNumber, string Reason);
