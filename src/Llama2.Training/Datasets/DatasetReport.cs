namespace Llama2.Training;

/// <summary>The results of reading a data set.</summary>
/// <param name="Format">The format of the data set's records.</param>
/// <param name="RecordCount">The number of records or documents in the data set, including skipped ones.</param>
/// <param name="InvalidCount">The number of records that were skipped as malformed.</param>
/// <param name="TooLongCount">The number of records that were skipped as too long.</param>
/// <param name="Skipped">The first 100 skipped records, with the reasons.</param>
/// <param name="TokenCount">The number of tokens of all samples.</param>
/// <param name="TargetTokenCount">The number of tokens to learn, which count in the loss.</param>
/// <param name="Fingerprint">SHA-256 of the file, as 64 hexadecimal digits.</param>
public sealed record DatasetReport(
    DatasetFormat Format,
    long RecordCount,
    long InvalidCount,
    long TooLongCount,
    IReadOnlyList<SkippedRecord> Skipped,
    long TokenCount,
    long TargetTokenCount,
    string Fingerprint)
{
    /// <summary>
    /// The parts of the records that were not used, such as fields with names or scores, and how many records have it, in the order of their first
    /// occurrence; at most 100. None of it changes what the records mean.
    /// </summary>
    public IReadOnlyList<UnusedContent> Unused { get; init; } = [];
}
