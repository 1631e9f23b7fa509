namespace Llama2.Store;

/// <summary>Counts received bytes, and reports the progress at most ten times a second and at the end. Not thread-safe.</summary>
/// <param name="progress">Receives the reports; null for no reports.</param>
/// <param name="totalByteSize">The size of all files in bytes.</param>
/// <param name="timeProvider">The clock with which the rate is measured.</param>
internal sealed class PullMeter(IProgress<PullProgress>? progress, long totalByteSize, TimeProvider timeProvider)
{
    private const double SecondsBetweenReports = 0.1;
    // The weight of the newest rate in the moving average. With this weight, the average follows changes within a second or two, but does not
    // fluctuate at each report.
    private const double Weight = 0.1;
    private long _lastReport = timeProvider.GetTimestamp();
    private long _receivedByteSize;
    private long _finishedByteSize;
    private double _rate;

    /// <summary>Adds the size of a file that is complete to the number of bytes that are present.</summary>
    public void Finish(HubFile file)
    {
        _finishedByteSize += file.ByteSize;
        progress?.Report(new PullProgress(file.Path, _finishedByteSize, totalByteSize, _rate));
    }

    /// <summary>Adds bytes that were received for an incomplete file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="fileByteSize">The number of its bytes that are present.</param>
    /// <param name="receivedByteSize">The number of those bytes that were just received.</param>
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

    /// <summary>Reports a request that failed and will be retried.</summary>
    /// <param name="path">The file.</param>
    /// <param name="fileByteSize">The number of its bytes that are present.</param>
    /// <param name="retry">What failed, and how long the store waits before it retries.</param>
    public void Report(string path, long fileByteSize, PullRetry retry) =>
        progress?.Report(new PullProgress(path, _finishedByteSize + fileByteSize, totalByteSize, 0) { Retry = retry });
}
