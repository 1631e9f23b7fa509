namespace Llama2;

/// <summary>The progress of loading a model.</summary>
/// <param name="LoadedBytes">The number of bytes of weights that have been read and repacked.</param>
/// <param name="TotalBytes">The number of bytes of weights in the file.</param>
public readonly record struct LoadProgress(long LoadedBytes, long TotalBytes)
{
    /// <summary>0 … 1.</summary>
    public double Fraction => TotalBytes == 0 ? 1 : (double)LoadedBytes / TotalBytes;
}
