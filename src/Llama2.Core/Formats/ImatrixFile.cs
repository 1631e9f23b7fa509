using Llama2.Formats.Gguf;

namespace Llama2.Formats;

/// <summary>What a file of llama.cpp's llama-imatrix says.</summary>
/// <param name="Columns">One entry a weight matrix.</param>
/// <param name="Datasets">The texts that it was made of, as their makers called them.</param>
/// <param name="WindowCount">Windows of text; 0 where the file does not say.</param>
/// <param name="WindowLength">Tokens in each; 0 where the file does not say.</param>
internal sealed record ImatrixFile(IReadOnlyList<ColumnSquares> Columns, IReadOnlyList<string> Datasets, int WindowCount, int WindowLength)
{
    /// <summary>The widest matrix that is read.</summary>
    public const int MaxColumnCount = 1 << 20;

    /// <summary>Reads a file of either format, the GGUF one or the older, which has no magic number.</summary>
    /// <exception cref="ModelFormatException">The file is malformed.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
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

    /// <summary>Gives sums back if they can be squares'.</summary>
    /// <exception cref="ModelFormatException">One is negative, infinite or not a number.</exception>
    public static float[] Checked(string path, long offset, string name, float[] sums)
    {
        int bad = Array.FindIndex(sums, sum => !(sum >= 0 && float.IsFinite(sum)));
        return bad < 0
            ? sums
            : throw new ModelFormatException(path, offset, FormattableString.Invariant($"column {bad:N0} of '{name}'"), FormattableString.Invariant($"{sums[bad]}"), "a sum of squares is finite and not negative: the file is damaged");
    }
}
