namespace Llama2.Training;

/// <summary>A part of records that was not used when a data set was read.</summary>
/// <param name="Name">The field, or a description of the part.</param>
/// <param name="RecordCount">The number of records that have it.</param>
public sealed record UnusedContent(string Name, long RecordCount);
