namespace Llama2.Training;

/// <summary>What came of reading a data set.</summary>
/// <param name="Format">The format of its records.</param>
/// <param name="RecordCount">Records or documents that it has, those left out among them.</param>
/// <param name="InvalidCount">Records that were left out for being malformed.</param>
/// <param name="TooLongCount">Records that were left out for being too long.</param>
/// <param name="Skipped">The first 100 of the records that were left out, and why.</param>
/// <param name="TokenCount">Tokens of all samples.</param>
/// <param name="TargetTokenCount">Those of them that are learned.</param>
/// <param name="Fingerprint">SHA-256 of the file, as 64 hexadecimal digits.</param>
public sealed record DatasetReport(
    DatasetFormat Format,
    long RecordCount,
    long InvalidCount,
    long TooLongCount,
    IReadOnlyList<SkippedRecord> Skipped,
    long TokenCount,
    long TargetTokenCount,
    string Fingerprint);
