using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Llama2.Memory;

namespace Llama2.Kernels;

/// <summary>
/// Attention as two products of <see cref="AttentionKernel{TNumbers, TLayout, TTier, V}"/> for each block: scores are keys × queries, with positions
/// as the rows of panels; sums are values × exponentials, with the elements of a head as the rows. Signed bytes are multiplied without their scales,
/// group by group; in each block, the scales of the groups are stored after the bytes.
/// </summary>
internal sealed class PanelAttention<TNumber, TTier, V> : Attention
    where TNumber : struct, IFloatWeights
    where TTier : struct, ITier<V>
    where V : struct
{
    private const int PanelRowCount = 16;
    private readonly int _groupLength;

    public PanelAttention(int headLength)
        : base(headLength, BlockByteSize(headLength, headLength), BlockByteSize(headLength, PaddedLength(headLength)))
    {
        _groupLength = HasScales ? CacheScales<TTier, V>.GroupLength : headLength;
    }

    private static bool HasScales => typeof(TNumber) == typeof(SignedByteWeights);

    private int KeyScalesOffset => BlockLength * HeadLength * TNumber.ByteSize;

    private int ValueScalesOffset => BlockLength * PaddedHeadLength * TNumber.ByteSize;

    public override void StoreKey(ReadOnlySpan<float> key, int position, Span<byte> block)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(key.Length, HeadLength);
        KeyValueElements.RequireFinite(key);
        (int panel, int row) = Math.DivRem(position % BlockLength, PanelRowCount);
        ref byte numbers = ref MemoryMarshal.GetReference(block.Slice(panel * HeadLength * PanelRowCount * TNumber.ByteSize, HeadLength * PanelRowCount * TNumber.ByteSize));
        for (int first = 0; first < key.Length; first += _groupLength)
        {
            int end = Math.Min(first + _groupLength, key.Length);
            float factor = StoreScale(key[first..end], first, position, block[KeyScalesOffset..KeyBlockByteSize]);
            for (int i = first; i < end; i++)
            {
                TNumber.Store(key[i] * factor, ref Unsafe.Add(ref numbers, (i * PanelRowCount + row) * TNumber.ByteSize));
            }
        }
    }

    public override void StoreValue(ReadOnlySpan<float> value, int position, Span<byte> block)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(value.Length, HeadLength);
        KeyValueElements.RequireFinite(value);
        ref byte numbers = ref MemoryMarshal.GetReference(block[..ValueBlockByteSize]);
        for (int first = 0; first < value.Length; first += _groupLength)
        {
            int end = Math.Min(first + _groupLength, value.Length);
            float factor = StoreScale(value[first..end], first, position, block[ValueScalesOffset..ValueBlockByteSize]);
            for (int i = first; i < end; i++)
            {
                (int panel, int row) = Math.DivRem(i, PanelRowCount);
                TNumber.Store(value[i] * factor, ref Unsafe.Add(ref numbers, ((panel * BlockLength + position % BlockLength) * PanelRowCount + row) * TNumber.ByteSize));
            }
        }
    }

    public override void SetQuery(int row, ReadOnlySpan<float> query, AttentionScratch scratch)
    {
        (int tile, int lane) = Math.DivRem(row, ActivationTile.Width);
        Span<float> queries = scratch.Queries.Slice(tile * HeadLength * ActivationTile.Width, HeadLength * ActivationTile.Width);
        for (int i = 0; i < query.Length; i++)
        {
            queries[i * ActivationTile.Width + lane] = query[i] * ScoreFactor;
        }
    }

    public override void AddBlock(
        ReadOnlySpan<byte> keys, ReadOnlySpan<byte> values, ReadOnlySpan<byte> nextKeys, ReadOnlySpan<byte> nextValues,
        int firstPosition, ReadOnlySpan<int> lastPositions, AttentionScratch scratch)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(keys.Length, KeyBlockByteSize);
        ArgumentOutOfRangeException.ThrowIfLessThan(values.Length, ValueBlockByteSize);
        var block = new Block
        {
            Keys = ref MemoryMarshal.GetReference(keys),
            Values = ref MemoryMarshal.GetReference(values),
            KeyScales = ref Unsafe.Add(ref MemoryMarshal.GetReference(keys), KeyScalesOffset),
            ValueScales = ref Unsafe.Add(ref MemoryMarshal.GetReference(values), ValueScalesOffset),
            KeyPrefetchDistance = Unsafe.ByteOffset(ref MemoryMarshal.GetReference(keys), ref MemoryMarshal.GetReference(nextKeys)),
            ValuePrefetchDistance = Unsafe.ByteOffset(ref MemoryMarshal.GetReference(values), ref MemoryMarshal.GetReference(nextValues)),
        };
        if (TNumber.ByteSize < sizeof(float) && lastPositions.Length > ActivationTile.Width)
        {
            // If several tiles of rows read the block, it is widened once for all of them.
            block.Keys = ref Widen(ref block.Keys, scratch.Keys);
            block.Values = ref Widen(ref block.Values, scratch.Values);
            block.KeyPrefetchDistance = block.ValuePrefetchDistance = 0;
            AddBlock<SingleWeights>(block, firstPosition, lastPositions, scratch);
        }
        else
        {
            AddBlock<TNumber>(block, firstPosition, lastPositions, scratch);
        }
    }

    private static int BlockByteSize(int headLength, int storedLength)
        => BlockLength * storedLength * TNumber.ByteSize + (HasScales ? CacheScales<TTier, V>.ByteSize(headLength) : 0);

    // Stores a group's scale; returns the factor by which the group's numbers are multiplied before they are stored.
    private static float StoreScale(ReadOnlySpan<float> group, int first, int position, Span<byte> scales)
        => HasScales ? CacheScales<TTier, V>.Store(group, position % BlockLength, scales[ScalesOffset(first)..]) : 1;

    private static int ScalesOffset(int firstElement) => firstElement / CacheScales<TTier, V>.GroupLength * CacheScales<TTier, V>.GroupByteSize;

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

    private void AddBlock<TWide>(Block block, int firstPosition, ReadOnlySpan<int> lastPositions, AttentionScratch scratch)
        where TWide : struct, IFloatWeights
    {
        for (int tile = 0; tile < lastPositions.Length; tile += ActivationTile.Width)
        {
            ReadOnlySpan<int> last = lastPositions.Slice(tile, Math.Min(ActivationTile.Width, lastPositions.Length - tile));
            int visibleCount = VisibleCount(last, firstPosition);
            if (visibleCount <= 0)
            {
                continue;
            }

            MultiplyKeys<TWide>(block, visibleCount, scratch.Queries.Slice(tile * HeadLength, HeadLength * ActivationTile.Width), last.Length, scratch);
            RunningSoftmax.Add(
                scratch.Scores.Slice(0, last.Length * BlockLength), firstPosition, last, scratch.Maxima.AsSpan(tile), scratch.Totals.AsSpan(tile), scratch.Corrections);
            MultiplyValues<TWide>(block, visibleCount, scratch.Sums.Slice(tile * PaddedHeadLength, last.Length * PaddedHeadLength), last.Length, scratch);
        }
    }

    private void MultiplyKeys<TWide>(Block block, int visibleCount, Span<float> queries, int rowCount, AttentionScratch scratch)
        where TWide : struct, IFloatWeights
    {
        ref float scores = ref scratch.Scores.Reference;
        ref float products = ref HasScales ? ref scratch.Products.Reference : ref scores;
        if (HasScales)
        {
            scratch.Scores.Span.Clear();
        }

        int panelStride = HeadLength * PanelRowCount * TWide.ByteSize, panelCount = (visibleCount + PanelRowCount - 1) / PanelRowCount;
        for (int first = 0; first < HeadLength; first += _groupLength)
        {
            AttentionKernel<FloatNumbers<TWide>, TiledLayout, TTier, V>.MultiplyPanels(
                ref Unsafe.Add(ref block.Keys, first * PanelRowCount * TWide.ByteSize), panelStride, panelCount,
                ref queries[first * ActivationTile.Width], Math.Min(_groupLength, HeadLength - first), rowCount, new(ref products, BlockLength, ref scratch.Corrections[0], ref scratch.Factors[0], ref scratch.Factors[0]), block.KeyPrefetchDistance);
            if (HasScales)
            {
                CacheScales<TTier, V>.AddScores(ref products, ref Unsafe.Add(ref block.KeyScales, ScalesOffset(first)), rowCount, ref scores);
            }
        }
    }

    private void MultiplyValues<TWide>(Block block, int visibleCount, Span<float> sums, int rowCount, AttentionScratch scratch)
        where TWide : struct, IFloatWeights
    {
        ref float scores = ref scratch.Scores.Reference;
        ref float products = ref HasScales ? ref scratch.Products.Reference : ref scores;
        int panelStride = BlockLength * PanelRowCount * TWide.ByteSize;
        for (int first = 0; first < HeadLength; first += _groupLength)
        {
            if (HasScales)
            {
                CacheScales<TTier, V>.Multiply(ref scores, ref Unsafe.Add(ref block.ValueScales, ScalesOffset(first)), rowCount, ref products);
            }

            int panelCount = (Math.Min(_groupLength, HeadLength - first) + PanelRowCount - 1) / PanelRowCount;
            AttentionKernel<FloatNumbers<TWide>, ScoreLayout, TTier, V>.MultiplyPanels(
                ref Unsafe.Add(ref block.Values, first * BlockLength * TWide.ByteSize), panelStride, panelCount,
                ref products, visibleCount, rowCount, new(ref sums[first], PaddedHeadLength, ref scratch.Corrections[0], ref scratch.Factors[0], ref scratch.Factors[0]), block.ValuePrefetchDistance);
        }
    }

    // A block of positions: its numbers, as stored or widened, their scales if there are any, and the distance to the next block.
    private ref struct Block
    {
        public ref byte Keys;
        public ref byte Values;
        public ref byte KeyScales;
        public ref byte ValueScales;
        public nint KeyPrefetchDistance;
        public nint ValuePrefetchDistance;
    }
}
