namespace Llama2;

/// <summary>The progress of a pull.</summary>
/// <param name="File">The file that is being pulled, as the repository names it; empty while the list of files is requested.</param>
/// <param name="ReceivedBytes">
/// The number of bytes, of all files together, that are on the disk, including bytes from an earlier pull. It decreases if a file has to be
/// transferred again from the beginning.
/// </param>
/// <param name="TotalBytes">The size of all files in bytes.</param>
/// <param name="BytesPerSecond">The current rate in bytes a second; 0 until it is known.</param>
public readonly record struct PullProgress(string File, long ReceivedBytes, long TotalBytes, double BytesPerSecond)
{
    /// <summary>The request that has just failed and will be retried after a wait; null in reports of received bytes.</summary>
    public PullRetry? Retry { get; init; }

    /// <summary>The fraction that is done, 0 to 1; 0 while the list of files is requested.</summary>
    public double Fraction => TotalBytes > 0 ? (double)ReceivedBytes / TotalBytes : File.Length > 0 ? 1 : 0;
}
