namespace Llama2;

/// <summary>The progress of loading or writing a model.</summary>
/// <param name="CompletedBytes">The number of bytes of weights that have been loaded or written.</param>
/// <param name="TotalBytes">The total number of bytes of weights.</param>
public readonly record struct ByteProgress(long CompletedBytes, long TotalBytes)
{
    /// <summary>The fraction of the bytes that have been loaded or written, 0 to 1.</summary>
    public double Fraction => TotalBytes == 0 ? 1 : (double)CompletedBytes / TotalBytes;
}
