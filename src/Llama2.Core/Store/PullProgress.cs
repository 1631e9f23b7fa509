namespace Llama2;

/// <summary>How far a pull has come.</summary>
/// <param name="File">The file that is being pulled, as the repository names it; empty while the list of files is asked for.</param>
/// <param name="ReceivedBytes">Bytes of all files that are there, those of an earlier pull included. Less than before where a server made the pull begin again.</param>
/// <param name="TotalBytes">Bytes of all files.</param>
/// <param name="BytesPerSecond">How fast bytes come now; 0 before it is known.</param>
public readonly record struct PullProgress(string File, long ReceivedBytes, long TotalBytes, double BytesPerSecond)
{
    /// <summary>The request that has just failed and is made again after a wait; null in reports of what has come.</summary>
    public PullRetry? Retry { get; init; }

    /// <summary>0 … 1. 0 while the list of files is asked for.</summary>
    public double Fraction => TotalBytes > 0 ? (double)ReceivedBytes / TotalBytes : File.Length > 0 ? 1 : 0;
}
