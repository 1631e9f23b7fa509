namespace Llama2.Kernels;

/// <summary>
/// Scaled dot-product attention, Vaswani et al. 2017 (arXiv 1706.03762) §3.2.1, over a cache of keys and values. It is computed in blocks of
/// positions with a running softmax (Milakov and Gimelshein 2018, arXiv 1805.02867; Dao et al. 2022, "FlashAttention"), so that the scratch memory
/// does not grow with the number of positions. The query heads that share a key and value head (grouped-query attention, Ainslie et al. 2023, arXiv
/// 2305.13245) are rows of one product, so each key and value is read once for all of them.
/// </summary>
/// <remarks>
/// Blocks are aligned to absolute positions, and each row has its own sum. A token's result therefore does not depend on the tokens that are computed with it,
/// or on how a prompt is split. Immutable; any number of threads may use an object, each with its own <see cref="AttentionScratch"/>.
/// </remarks>
internal abstract class Attention
{
    /// <summary>The number of positions in a block.</summary>
    public const int BlockLength = 64;

    /// <summary>
    /// The maximum number of rows (query heads × tokens) that are computed together, while the keys and values of a block are in the first-level cache.
    /// </summary>
    public const int MaxRowCount = 128;

    protected Attention(int headLength, int keyBlockByteSize, int valueBlockByteSize)
    {
        HeadLength = headLength;
        PaddedHeadLength = PaddedLength(headLength);
        ScoreFactor = 1 / MathF.Sqrt(headLength);
        KeyBlockByteSize = keyBlockByteSize;
        ValueBlockByteSize = valueBlockByteSize;
    }

    /// <summary>The number of elements of a head; even.</summary>
    public int HeadLength { get; }

    /// <summary>
    /// The size in bytes of the keys of one block of positions. The keys are stored as panels of 16 positions, [head length][16 positions]; scales,
    /// if there are any, come after the panels.
    /// </summary>
    public int KeyBlockByteSize { get; }

    /// <summary>
    /// The size in bytes of the values of one block of positions. The values are stored as panels of 16 elements, [positions][16 elements]; scales,
    /// if there are any, come after the panels.
    /// </summary>
    public int ValueBlockByteSize { get; }

    /// <summary><see cref="PaddedLength"/> of the head: the distance in floats from one row's sums to the next row's.</summary>
    protected int PaddedHeadLength { get; }

    /// <summary>The factor by which products of queries and keys are multiplied: 1 / √(head length).</summary>
    protected float ScoreFactor { get; }

    /// <summary>The head length, rounded up to a multiple of the 16 rows of a panel.</summary>
    public static int PaddedLength(int headLength) => (headLength + 15) / 16 * 16;

    /// <summary>Stores one head's key at one position in the block that contains the position.</summary>
    /// <param name="key">The key, [head length].</param>
    /// <param name="position">The position in the sequence.</param>
    /// <param name="block">The block's keys, <see cref="KeyBlockByteSize"/> bytes.</param>
    public abstract void StoreKey(ReadOnlySpan<float> key, int position, Span<byte> block);

    /// <summary>Stores one head's value at one position in the block that contains the position.</summary>
    /// <param name="value">The value, [head length].</param>
    /// <param name="position">The position in the sequence.</param>
    /// <param name="block">The block's values, <see cref="ValueBlockByteSize"/> bytes.</param>
    public abstract void StoreValue(ReadOnlySpan<float> value, int position, Span<byte> block);

    /// <summary>Begins a group of rows. After this call, <see cref="SetQuery"/> must be called for each row.</summary>
    public void Begin(int rowCount, AttentionScratch scratch)
    {
        scratch.Sums.Slice(0, rowCount * PaddedHeadLength).Clear();
        scratch.Maxima.AsSpan(0, rowCount).Fill(float.NegativeInfinity);
        scratch.Totals.AsSpan(0, rowCount).Clear();
    }

    /// <summary>Sets the query of one row.</summary>
    /// <param name="row">0 … <see cref="MaxRowCount"/> − 1.</param>
    /// <param name="query">The query, [head length].</param>
    /// <param name="scratch">The thread's memory.</param>
    public abstract void SetQuery(int row, ReadOnlySpan<float> query, AttentionScratch scratch);

    /// <summary>Adds the keys and values of one block of positions to the results of all rows.</summary>
    /// <param name="keys">The block's keys.</param>
    /// <param name="values">The block's values.</param>
    /// <param name="nextKeys">The keys that will be read next, which are prefetched; for the last block, its own keys.</param>
    /// <param name="nextValues">The values that will be read next, which are prefetched.</param>
    /// <param name="firstPosition">The block's first position.</param>
    /// <param name="lastPositions">The last position that each row attends to.</param>
    /// <param name="scratch">The thread's memory.</param>
    public abstract void AddBlock(
        ReadOnlySpan<byte> keys, ReadOnlySpan<byte> values, ReadOnlySpan<byte> nextKeys, ReadOnlySpan<byte> nextValues,
        int firstPosition, ReadOnlySpan<int> lastPositions, AttentionScratch scratch);

    /// <summary>Writes the result of one row.</summary>
    /// <param name="row">The row.</param>
    /// <param name="output">Receives the result, [head length].</param>
    /// <param name="scratch">The thread's memory.</param>
    public void Finish(int row, Span<float> output, AttentionScratch scratch)
    {
        float scale = 1 / scratch.Totals[row];
        Span<float> sums = scratch.Sums.Slice(row * PaddedHeadLength, HeadLength);
        for (int i = 0; i < sums.Length; i++)
        {
            output[i] = sums[i] * scale;
        }
    }

    /// <summary>
    /// The number of positions of a block that any of the rows attends to. No score of later positions is computed, and their values, whose exponentials
    /// are 0, are not multiplied.
    /// </summary>
    protected static int VisibleCount(ReadOnlySpan<int> lastPositions, int firstPosition)
    {
        int last = int.MinValue;
        foreach (int position in lastPositions)
        {
            last = Math.Max(last, position);
        }

        return Math.Min(last - firstPosition + 1, BlockLength);
    }
}
