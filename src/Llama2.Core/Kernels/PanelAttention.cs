using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Llama2.Memory;

namespace Llama2.Kernels;

/// <summary>
/// Attention as two products of <see cref="FloatPanelKernel{TWeights, TLayout, TTier, V}"/> a block: scores are keys × queries, with
/// positions as the rows of panels; sums are values × exponentials, with the elements of a head as the rows.
/// </summary>
internal sealed class PanelAttention<TNumber, TTier, V>(int headLength) : Attention(headLength, TNumber.ByteSize)
    where TNumber : struct, IFloatWeights
    where TTier : struct, ITier<V>
    where V : struct
{
    private const int PanelRowCount = 16;
    private readonly int _paddedLength = PaddedLength(headLength);
    private readonly float _scale = 1 / MathF.Sqrt(headLength);

    public override void StoreKey(ReadOnlySpan<float> key, int position, Span<byte> block)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(key.Length, HeadLength);
        RequireFinite(key);
        (int panel, int row) = Math.DivRem(position % BlockLength, PanelRowCount);
        ref byte numbers = ref MemoryMarshal.GetReference(block.Slice(panel * HeadLength * PanelRowCount * ElementByteSize, HeadLength * PanelRowCount * ElementByteSize));
        for (int i = 0; i < key.Length; i++)
        {
            TNumber.Store(key[i], ref Unsafe.Add(ref numbers, (i * PanelRowCount + row) * ElementByteSize));
        }
    }

    public override void StoreValue(ReadOnlySpan<float> value, int position, Span<byte> block)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(value.Length, HeadLength);
        RequireFinite(value);
        ref byte numbers = ref MemoryMarshal.GetReference(block[..ValueBlockByteSize]);
        for (int i = 0; i < value.Length; i++)
        {
            (int panel, int row) = Math.DivRem(i, PanelRowCount);
            TNumber.Store(value[i], ref Unsafe.Add(ref numbers, ((panel * BlockLength + position % BlockLength) * PanelRowCount + row) * ElementByteSize));
        }
    }

    public override void Begin(int rowCount, AttentionScratch scratch)
    {
        scratch.Sums.Slice(0, rowCount * _paddedLength).Clear();
        scratch.Maxima.AsSpan(0, rowCount).Fill(float.NegativeInfinity);
        scratch.Totals.AsSpan(0, rowCount).Clear();
    }

    public override void SetQuery(int row, ReadOnlySpan<float> query, AttentionScratch scratch)
    {
        (int tile, int lane) = Math.DivRem(row, ActivationTile.Width);
        Span<float> queries = scratch.Queries.Slice(tile * HeadLength * ActivationTile.Width, HeadLength * ActivationTile.Width);
        for (int i = 0; i < query.Length; i++)
        {
            queries[i * ActivationTile.Width + lane] = query[i] * _scale;
        }
    }

    public override void AddBlock(ReadOnlySpan<byte> keys, ReadOnlySpan<byte> values, int firstPosition, ReadOnlySpan<int> lastPositions, AttentionScratch scratch)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(keys.Length, KeyBlockByteSize);
        ArgumentOutOfRangeException.ThrowIfLessThan(values.Length, ValueBlockByteSize);
        ref byte key = ref MemoryMarshal.GetReference(keys);
        ref byte value = ref MemoryMarshal.GetReference(values);
        if (TNumber.ByteSize < sizeof(float) && lastPositions.Length > ActivationTile.Width)
        {
            // Several tiles of rows read the block: it is widened once for all of them.
            AddWideBlock<SingleWeights>(ref Widen(ref key, scratch.Keys), ref Widen(ref value, scratch.Values), firstPosition, lastPositions, scratch);
        }
        else
        {
            AddWideBlock<TNumber>(ref key, ref value, firstPosition, lastPositions, scratch);
        }
    }

    public override void Finish(int row, Span<float> output, AttentionScratch scratch)
    {
        float scale = 1 / scratch.Totals[row];
        Span<float> sums = scratch.Sums.Slice(row * _paddedLength, HeadLength);
        for (int i = 0; i < sums.Length; i++)
        {
            output[i] = sums[i] * scale;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static ref byte Widen(ref byte numbers, AlignedBuffer<float> wide)
    {
        ref float destination = ref wide.Reference;
        for (int i = 0; i < wide.Length; i += TTier.Lanes)
        {
            TTier.Store(TNumber.Load<TTier, V>(in Unsafe.Add(ref numbers, i * TNumber.ByteSize)), ref Unsafe.Add(ref destination, i));
        }

        return ref Unsafe.As<float, byte>(ref destination);
    }

    private void AddWideBlock<TWide>(ref byte key, ref byte value, int firstPosition, ReadOnlySpan<int> lastPositions, AttentionScratch scratch)
        where TWide : struct, IFloatWeights
    {
        ref float scores = ref scratch.Scores.Reference;
        for (int tile = 0; tile < lastPositions.Length; tile += ActivationTile.Width)
        {
            int rowCount = Math.Min(ActivationTile.Width, lastPositions.Length - tile);
            ref float queries = ref MemoryMarshal.GetReference(scratch.Queries.Slice(tile * HeadLength, HeadLength * ActivationTile.Width));
            for (int panel = 0; panel < BlockLength / PanelRowCount; panel++)
            {
                FloatPanelKernel<TWide, TiledLayout, TTier, V>.MultiplyPanel(
                    ref Unsafe.Add(ref key, panel * HeadLength * PanelRowCount * TWide.ByteSize),
                    ref queries, HeadLength / 2, rowCount, ref Unsafe.Add(ref scores, panel * PanelRowCount), BlockLength, accumulate: false);
            }

            for (int row = 0; row < rowCount; row++)
            {
                AddScores(tile + row, scratch.Scores.Slice(row * BlockLength, BlockLength), lastPositions[tile + row] - firstPosition + 1, scratch);
            }

            ref float sums = ref MemoryMarshal.GetReference(scratch.Sums.Slice(tile * _paddedLength, rowCount * _paddedLength));
            for (int panel = 0; panel < _paddedLength / PanelRowCount; panel++)
            {
                FloatPanelKernel<TWide, ScoreLayout, TTier, V>.MultiplyPanel(
                    ref Unsafe.Add(ref value, panel * BlockLength * PanelRowCount * TWide.ByteSize),
                    ref scores, BlockLength / 2, rowCount, ref Unsafe.Add(ref sums, panel * PanelRowCount), _paddedLength, accumulate: true);
            }
        }
    }

    // A half that is not a number would be read as one; later tokens would then answer nonsense in silence.
    private static void RequireFinite(ReadOnlySpan<float> numbers)
    {
        foreach (float number in numbers)
        {
            if (!float.IsFinite(number))
            {
                throw new NumericalException(
                    $"A key or value is {number}; all must be finite: the model's weights hold such a value, or overflow. Check the file against its publisher's checksum.", -1, number);
            }
        }
    }

    // Replaces a row's scores by exponentials of their distance from the largest score so far, 0 where the row does not see the position,
    // and brings what was summed before to the new largest score.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void AddScores(int row, Span<float> scores, int visibleCount, AttentionScratch scratch)
    {
        if (visibleCount < BlockLength)
        {
            scores[Math.Max(0, visibleCount)..].Fill(float.NegativeInfinity);
            if (visibleCount <= 0)
            {
                scores.Clear();
                return;
            }
        }

        ref float x = ref MemoryMarshal.GetReference(scores);
        Vector<float> largest = Vector.LoadUnsafe(ref x);
        for (int i = Vector<float>.Count; i < BlockLength; i += Vector<float>.Count)
        {
            largest = Vector.Max(largest, Vector.LoadUnsafe(ref x, (nuint)i));
        }

        float max = scratch.Maxima[row];
        for (int lane = 0; lane < Vector<float>.Count; lane++)
        {
            max = MathF.Max(max, largest[lane]);
        }

        float total = ReplaceByExponentials(ref x, max);
        if (max != scratch.Maxima[row])
        {
            float correction = MathF.Exp(scratch.Maxima[row] - max);
            scratch.Maxima[row] = max;
            scratch.Totals[row] *= correction;
            foreach (ref float sum in scratch.Sums.Slice(row * _paddedLength, _paddedLength))
            {
                sum *= correction;
            }
        }

        scratch.Totals[row] += total;
    }

    // e^(x − max) for the scores of a block; returns their sum. The exponential is a tenth of a prompt's attention, so it has the widest vectors.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float ReplaceByExponentials(ref float x, float max)
    {
        if (Vector512.IsHardwareAccelerated)
        {
            Vector512<float> sums = Vector512<float>.Zero;
            for (int i = 0; i < BlockLength; i += Vector512<float>.Count)
            {
                Vector512<float> exponential = Vector512.Exp(Vector512.LoadUnsafe(ref x, (nuint)i) - Vector512.Create(max));
                exponential.StoreUnsafe(ref x, (nuint)i);
                sums += exponential;
            }

            return Vector512.Sum(sums);
        }

        Vector<float> totals = Vector<float>.Zero;
        for (int i = 0; i < BlockLength; i += Vector<float>.Count)
        {
            Vector<float> exponential = Vector.Exp(Vector.LoadUnsafe(ref x, (nuint)i) - new Vector<float>(max));
            exponential.StoreUnsafe(ref x, (nuint)i);
            totals += exponential;
        }

        return Vector.Sum(totals);
    }
}
