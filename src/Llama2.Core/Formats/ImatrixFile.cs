using Llama2.Formats.Gguf;

namespace Llama2.Formats;

/// <summary>The content of an importance matrix, a file that llama.cpp's llama-imatrix writes.</summary>
/// <param name="Columns">One entry for each weight matrix.</param>
/// <param name="Datasets">The names of the texts from which the statistics were computed.</param>
/// <param name="WindowCount">The number of windows into which the texts were divided; 0 if the file does not state it.</param>
/// <param name="WindowLength">The number of tokens in each window; 0 if the file does not state it.</param>
internal sealed record ImatrixFile(IReadOnlyList<ColumnSquares> Columns, IReadOnlyList<string> Datasets, int WindowCount, int WindowLength)
{
    /// <summary>The maximum number of columns of a weight matrix.</summary>
    public const int MaxColumnCount = 1 << 20;

    /// <summary>Reads a file of either format: GGUF, or the older format, which has no magic number.</summary>
    /// <exception cref="ModelFormatException">The file is malformed.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static ImatrixFile Read(string path)
    {
        var source = new FileByteSource(path);
        try
        {
            byte[] start = new byte[Math.Min(4, source.Length)];
            source.Read(0, start);
            if (!GgufFile.HasMagic(start))
            {
                return LegacyImatrixReader.Read(source);
            }
        }
        catch
        {
            source.Dispose();
            throw;
        }

        using GgufFile file = GgufFile.Open(source);
        return GgufImatrix.Read(file);
    }

    /// <summary>Returns the sums if they are valid sums of squares.</summary>
    /// <exception cref="ModelFormatException">A sum is negative, infinite or NaN.</exception>
    public static float[] Checked(string path, long? offset, string name, float[] sums)
    {
        int bad = Array.FindIndex(sums, sum => !(sum >= 0 && float.IsFinite(sum)));
        return bad < 0
            ? sums
            : throw new ModelFormatException(path, offset, FormattableString.Invariant($"column {bad:N0} of '{name}'"), FormattableString.Invariant($"{sums[bad]}"), "a sum of squares must be finite and not negative: the file is damaged");
    }
}
