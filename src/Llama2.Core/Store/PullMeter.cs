namespace Llama2.Store;

/// <summary>Counts what comes, and tells whoever watches, at most ten times a second and at the end. Not thread-safe.</summary>
/// <param name="progress">Who watches, or null.</param>
/// <param name="totalByteSize">Bytes of all files.</param>
/// <param name="timeProvider">Measures.</param>
internal sealed class PullMeter(IProgress<PullProgress>? progress, long totalByteSize, TimeProvider timeProvider)
{
    private const double SecondsBetweenReports = 0.1;
    // Of each report's own rate: the figure follows within a second or two, and does not flicker.
    private const double Weight = 0.1;
    private long _lastReport = timeProvider.GetTimestamp();
    private long _receivedByteSize;
    private long _finishedByteSize;
    private double _rate;

    /// <summary>Counts a file that is whole.</summary>
    public void Finish(HubFile file)
    {
        _finishedByteSize += file.ByteSize;
        progress?.Report(new PullProgress(file.Path, _finishedByteSize, totalByteSize, _rate));
    }

    /// <summary>Counts bytes of a file that is not.</summary>
    /// <param name="path">The file.</param>
    /// <param name="fileByteSize">Bytes of it that are there.</param>
    /// <param name="receivedByteSize">Those of them that came just now.</param>
    public void Report(string path, long fileByteSize, int receivedByteSize)
    {
        _receivedByteSize += receivedByteSize;
        double seconds = timeProvider.GetElapsedTime(_lastReport).TotalSeconds;
        if (seconds < SecondsBetweenReports)
            return;

        double rate = _receivedByteSize / seconds;
        _rate = _rate == 0 ? rate : _rate + Weight * (rate - _rate);
        _lastReport = timeProvider.GetTimestamp();
        _receivedByteSize = 0;
        progress?.Report(new PullProgress(path, _finishedByteSize + fileByteSize, totalByteSize, _rate));
    }

    /// <summary>Tells of a request that failed and is made again.</summary>
    /// <param name="path">The file.</param>
    /// <param name="fileByteSize">Bytes of it that are there.</param>
    /// <param name="retry">What failed.</param>
    public void Report(string path, long fileByteSize, PullRetry retry) =>
        progress?.Report(new PullProgress(path, _finishedByteSize + fileByteSize, totalByteSize, 0) { Retry = retry });
}
