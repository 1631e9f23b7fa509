using Llama2.Memory;

namespace Llama2.Kernels;

/// <summary>One thread's memory for <see cref="Attention"/>: the queries of a group of rows, the scores of a block, and the sums so far.</summary>
internal sealed class AttentionScratch(int headLength) : IDisposable
{
    /// <summary>
    /// [tiles of 8 rows][head length][8 rows]: the scaled queries. In I16, [tiles of 8 rows][head length / 2][8 rows]: pairs of 16-bit integers.
    /// </summary>
    public AlignedBuffer<float> Queries { get; } = new((long)Attention.MaxRowCount * headLength);

    /// <summary>[8 rows][positions of a block]: scores, then their exponentials.</summary>
    public AlignedBuffer<float> Scores { get; } = new(ActivationTile.Width * Attention.BlockLength);

    /// <summary>
    /// [8 rows][positions of a block], used only for a cache with scales. In Q8_0, first the products of a group of elements, before they are multiplied
    /// by scales and added to the scores, and later the exponentials multiplied by the scales of a group of values. In I16, the 16-bit integers of
    /// <see cref="ExponentialCodes"/>.
    /// </summary>
    public AlignedBuffer<float> Products { get; } = new(ActivationTile.Width * Attention.BlockLength);

    /// <summary>[rows][head length, padded to a multiple of 16]: the weighted sums of values.</summary>
    public AlignedBuffer<float> Sums { get; } = new((long)Attention.MaxRowCount * Attention.PaddedLength(headLength));

    /// <summary>A block's keys, widened to float32; not used in F32 and I16.</summary>
    public AlignedBuffer<float> Keys { get; } = new((long)Attention.BlockLength * headLength);

    /// <summary>A block's values, widened to float32; not used in F32 and I16.</summary>
    public AlignedBuffer<float> Values { get; } = new((long)Attention.BlockLength * Attention.PaddedLength(headLength));

    /// <summary>Each row's largest score.</summary>
    public float[] Maxima { get; } = new float[Attention.MaxRowCount];

    /// <summary>Each row's sum of exponentials.</summary>
    public float[] Totals { get; } = new float[Attention.MaxRowCount];

    /// <summary>For each row of a tile, the factor that corrects its sums for a new largest score.</summary>
    public float[] Corrections { get; } = new float[ActivationTile.Width];

    /// <summary>The scale of each row's query; used only if queries are integers.</summary>
    public float[] QueryScales { get; } = new float[Attention.MaxRowCount];

    /// <summary>For each row of a tile, the scale of its exponentials; used only if they are integers.</summary>
    public float[] Factors { get; } = new float[ActivationTile.Width];

    public void Dispose()
    {
        Queries.Dispose();
        Scores.Dispose();
        Products.Dispose();
        Sums.Dispose();
        Keys.Dispose();
        Values.Dispose();
    }
}
