namespace Llama2.Training.Datasets;

/// <summary>Collects the figures of the report while a data set is read.</summary>
internal sealed class DatasetReportBuilder
{
    private const int MaxSkippedCount = 100;

    private readonly List<SkippedRecord> _skipped = [];
    private long _invalidCount;
    private long _tooLongCount;
    private long _targetTokenCount;

    public long RecordCount { get; set; }

    public long TokenCount { get; private set; }

    public void AddInvalid(long lineNumber, string reason)
    {
        _invalidCount++;
        Note(lineNumber, reason);
    }

    public void AddTooLong(long lineNumber, string reason)
    {
        _tooLongCount++;
        Note(lineNumber, reason);
    }

    public void Add(TrainingSample sample)
    {
        TokenCount += sample.Tokens.Length;
        _targetTokenCount += sample.LossMask.Span[1..].Count(true);
    }

    public DatasetReport Build(DatasetFormat format, string fingerprint) =>
        new(format, RecordCount, _invalidCount, _tooLongCount, _skipped.AsReadOnly(), TokenCount, _targetTokenCount, fingerprint);

    private void Note(long lineNumber, string reason)
    {
        if (_skipped.Count < MaxSkippedCount)
        {
            _skipped.Add(new SkippedRecord(lineNumber, reason));
        }
    }
}
