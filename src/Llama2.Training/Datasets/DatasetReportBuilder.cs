namespace Llama2.Training.Datasets;

/// <summary>Collects the figures of the report while a data set is read.</summary>
internal sealed class DatasetReportBuilder
{
    /// <summary>The maximum number of skipped records that a report names.</summary>
    public const int MaxSkippedCount = 100;

    private const int MaxUnusedCount = 100;

    private readonly List<SkippedRecord> _skipped = [];
    private readonly OrderedDictionary<string, long> _unused = new(StringComparer.Ordinal);
    private long _invalidCount;
    private long _tooLongCount;
    private long _targetTokenCount;

    public long RecordCount { get; set; }

    public long TokenCount { get; private set; }

    /// <summary>The reason why the first skipped record was skipped; null if none was.</summary>
    public string? FirstReason => _skipped.Count > 0 ? _skipped[0].Reason : null;

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

    public void AddUnused(IEnumerable<string> names)
    {
        foreach (string name in names.Distinct(StringComparer.Ordinal))
        {
            if (_unused.TryGetValue(name, out long count) || _unused.Count < MaxUnusedCount)
            {
                _unused[name] = count + 1;
            }
        }
    }

    public void Add(TrainingSample sample)
    {
        TokenCount += sample.Tokens.Length;
        _targetTokenCount += sample.LossMask.Span[1..].Count(true);
    }

    public DatasetReport Build(DatasetFormat format, string fingerprint) =>
        new(format, RecordCount, _invalidCount, _tooLongCount, _skipped.AsReadOnly(), TokenCount, _targetTokenCount, fingerprint)
        {
            Unused = [.. _unused.Select(entry => new UnusedContent(entry.Key, entry.Value))],
        };

    private void Note(long lineNumber, string reason)
    {
        if (_skipped.Count < MaxSkippedCount)
        {
            _skipped.Add(new SkippedRecord(lineNumber, reason));
        }
    }
}
