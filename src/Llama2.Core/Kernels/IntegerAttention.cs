using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Llama2.Kernels;

/// <summary>
/// Attention with keys, queries, values and exponentials as 16-bit integers. A multiply instruction processes twice as many of them as of floats, and the sums
/// in 32 bits are exact. Each key and each value of a head has a float32 scale, each query has one, and for each block the exponentials of a row have one.
/// </summary>
/// <remarks>
/// The layout of a block, where a pair of integers is a lane of a register: keys are panels of 16 positions, [head length / 2][16 positions][2 elements]; values
/// are panels of 16 elements, [positions / 2][16 elements][2 positions]. In each part, 64 scales follow: one for each position.
/// </remarks>
internal sealed class IntegerAttention<TTier, V> : Attention
    where TTier : struct, ITier<V>
    where V : struct
{
    private const int PanelRowCount = 16;
    private const int PairByteSize = 2 * sizeof(short);
    private const int ScalesByteSize = BlockLength * sizeof(float);

    public IntegerAttention(int headLength)
        : base(headLength, BlockLength * headLength * sizeof(short) + ScalesByteSize, BlockLength * PaddedLength(headLength) * sizeof(short) + ScalesByteSize)
    {
    }

    public override void StoreKey(ReadOnlySpan<float> key, int position, Span<byte> block)
    {
        float factor = StoreScale(key, position, block[(KeyBlockByteSize - ScalesByteSize)..KeyBlockByteSize]);
        (int panel, int row) = Math.DivRem(position % BlockLength, PanelRowCount);
        Span<short> codes = MemoryMarshal.Cast<byte, short>(block.Slice(panel * HeadLength * PanelRowCount * sizeof(short), HeadLength * PanelRowCount * sizeof(short)));
        for (int i = 0; i < key.Length; i++)
        {
            codes[(i / 2 * PanelRowCount + row) * 2 + i % 2] = AttentionCodes.Round(key[i] * factor);
        }
    }

    public override void StoreValue(ReadOnlySpan<float> value, int position, Span<byte> block)
    {
        float factor = StoreScale(value, position, block[(ValueBlockByteSize - ScalesByteSize)..ValueBlockByteSize]);
        Span<short> codes = MemoryMarshal.Cast<byte, short>(block[..(ValueBlockByteSize - ScalesByteSize)]);
        int first = position % BlockLength / 2 * PanelRowCount * 2 + position % 2;
        for (int i = 0; i < value.Length; i++)
        {
            (int panel, int row) = Math.DivRem(i, PanelRowCount);
            codes[first + (panel * BlockLength / 2 * PanelRowCount + row) * 2] = AttentionCodes.Round(value[i] * factor);
        }
    }

    public override void SetQuery(int row, ReadOnlySpan<float> query, AttentionScratch scratch)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(query.Length, HeadLength);
        (int tile, int lane) = Math.DivRem(row, ActivationTile.Width);
        Span<short> codes = MemoryMarshal.Cast<float, short>(scratch.Queries.Slice(tile * HeadLength * ActivationTile.Width / 2, HeadLength * ActivationTile.Width / 2));
        float scale = AttentionCodes.QueryScale(query), factor = AttentionCodes.Reciprocal(scale);
        scratch.QueryScales[row] = scale * ScoreFactor;
        for (int i = 0; i < query.Length; i++)
        {
            codes[(i / 2 * ActivationTile.Width + lane) * 2 + i % 2] = AttentionCodes.Round(query[i] * factor);
        }
    }

    public override void AddBlock(
        ReadOnlySpan<byte> keys, ReadOnlySpan<byte> values, ReadOnlySpan<byte> nextKeys, ReadOnlySpan<byte> nextValues,
        int firstPosition, ReadOnlySpan<int> lastPositions, AttentionScratch scratch)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(keys.Length, KeyBlockByteSize);
        ArgumentOutOfRangeException.ThrowIfLessThan(values.Length, ValueBlockByteSize);
        nint keyDistance = Unsafe.ByteOffset(ref MemoryMarshal.GetReference(keys), ref MemoryMarshal.GetReference(nextKeys));
        nint valueDistance = Unsafe.ByteOffset(ref MemoryMarshal.GetReference(values), ref MemoryMarshal.GetReference(nextValues));
        for (int tile = 0; tile < lastPositions.Length; tile += ActivationTile.Width)
        {
            ReadOnlySpan<int> last = lastPositions.Slice(tile, Math.Min(ActivationTile.Width, lastPositions.Length - tile));
            int visibleCount = VisibleCount(last, firstPosition);
            if (visibleCount > 0)
            {
                MultiplyKeys(ref MemoryMarshal.GetReference(keys), visibleCount, tile, last.Length, scratch, keyDistance);
                AddExponentials(values, firstPosition, last, tile, scratch);
                MultiplyValues(ref MemoryMarshal.GetReference(values), visibleCount, tile, last.Length, scratch, valueDistance);
                // The first tile has prefetched the next block.
                keyDistance = valueDistance = 0;
            }
        }
    }

    // Stores the scale of a key or value; returns the factor by which its elements are multiplied to get integers.
    private static float StoreScale(ReadOnlySpan<float> numbers, int position, Span<byte> scales)
    {
        float scale = AttentionCodes.StoredScale(numbers);
        MemoryMarshal.Cast<byte, float>(scales)[position % BlockLength] = scale;
        return AttentionCodes.Reciprocal(scale);
    }

    private void MultiplyKeys(ref byte keys, int visibleCount, int tile, int rowCount, AttentionScratch scratch, nint prefetchDistance)
    {
        ref float queries = ref Unsafe.Add(ref scratch.Queries.Reference, tile * HeadLength / 2);
        ref float scales = ref Unsafe.As<byte, float>(ref Unsafe.Add(ref keys, KeyBlockByteSize - ScalesByteSize));
        AttentionKernel<IntegerPairs, TiledLayout, TTier, V>.MultiplyPanels(
            ref keys, HeadLength / 2 * PanelRowCount * PairByteSize, (visibleCount + PanelRowCount - 1) / PanelRowCount, ref queries, HeadLength / 2, rowCount,
            new(ref scratch.Scores.Reference, BlockLength, ref scratch.Corrections[0], ref scratch.QueryScales[tile], ref scales), prefetchDistance);
    }

    // Replaces scores by exponentials, and those by integers.
    private void AddExponentials(ReadOnlySpan<byte> values, int firstPosition, ReadOnlySpan<int> lastPositions, int tile, AttentionScratch scratch)
    {
        Span<float> scores = scratch.Scores.Slice(0, lastPositions.Length * BlockLength);
        RunningSoftmax.Add(scores, firstPosition, lastPositions, scratch.Maxima.AsSpan(tile), scratch.Totals.AsSpan(tile), scratch.Corrections);
        ExponentialCodes.Store(
            scores, MemoryMarshal.Cast<byte, float>(values[(ValueBlockByteSize - ScalesByteSize)..ValueBlockByteSize]), MemoryMarshal.Cast<float, short>(scratch.Products.Span),
            scratch.Factors.AsSpan(0, lastPositions.Length));
    }

    private void MultiplyValues(ref byte values, int visibleCount, int tile, int rowCount, AttentionScratch scratch, nint prefetchDistance)
    {
        ref float sums = ref Unsafe.Add(ref scratch.Sums.Reference, tile * PaddedHeadLength);
        AttentionKernel<IntegerPairs, PairLayout, TTier, V>.MultiplyPanels(
            ref values, BlockLength / 2 * PanelRowCount * PairByteSize, PaddedHeadLength / PanelRowCount, ref scratch.Products.Reference, (visibleCount + 1) / 2, rowCount,
            new(ref sums, PaddedHeadLength, ref scratch.Corrections[0], ref scratch.Factors[0], ref scratch.Factors[0]), prefetchDistance);
    }
}
