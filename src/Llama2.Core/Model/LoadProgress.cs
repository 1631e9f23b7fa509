namespace Llama2;

/// <summary>How far the loading of a model has come.</summary>
/// <param name="LoadedBytes">Bytes of weights that are read and repacked.</param>
/// <param name="TotalBytes">Bytes of weights in the file.</param>
public readonly record struct LoadProgress(long LoadedBytes, long TotalBytes)
{
    /// <summary>0 … 1.</summary>
    public double Fraction => TotalBytes == 0 ? 1 : (double)LoadedBytes / TotalBytes;
}
