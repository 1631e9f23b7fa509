using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Llama2.Kernels;
using Llama2.Memory;
using Llama2.Quantization;

namespace Llama2.Tensors;

/// <summary>A quantized matrix repacked into panels, without loss; docs/kernels.md draws the layout.</summary>
internal sealed class PanelMatrix<TFormat, TCodes, TScales, TTier, V> : WeightMatrix
    where TFormat : struct, IBlockFormat
    where TCodes : struct, ICodes
    where TScales : struct, IScales
    where TTier : struct, ITier<V>
    where V : struct
{
    private const int BlockLength = 32;

    // The size of a group of panels that stays in the second-level cache while all tokens are multiplied with it. The tokens' activations, which may
    // not fit in the cache, are then read once for the whole group.
    private const int PanelGroupByteSize = 256 << 10;

    private readonly int _superBlockCount;
    private readonly WeightBytes _codes;
    private readonly WeightBytes _scales;

    public PanelMatrix(int rowCount, int columnCount, Func<long, WeightBytes> place)
        : base(TFormat.Type, rowCount, columnCount)
    {
        Debug.Assert(TFormat.BlockLength == BlockLength * TScales.BlocksPerSuperBlock);
        Debug.Assert(TFormat.Bias == (TScales.HasOffset ? 0 : 1 << (TCodes.Bits - 1)));
        ArgumentOutOfRangeException.ThrowIfNotEqual(columnCount % TFormat.BlockLength, 0);
        _superBlockCount = columnCount / TFormat.BlockLength;
        _codes = place((long)PanelCount * CodesPanelByteSize);
        _scales = place((long)PanelCount * ScalesPanelByteSize);
    }

    public override IReadOnlyList<WeightBytes> Parts => [_codes, _scales];

    public override long ByteSize => _codes.ByteSize + _scales.ByteSize;

    public override bool IsQuantized => true;

    public override bool SplitsActivations => PanelKernel<TCodes, TScales, TTier, V>.ReadsSplitValues;

    public override bool ReadsPowersOfTwo => TScales.HasPowerOfTwoActivationScales;

    public override int PanelGroupLength(int tokenCount) => MultipliesBytes(tokenCount) ? TTier.ByteKernelPanelCount : 1;

    private static bool MultipliesBytes(int tokenCount)
        => TCodes.Bits >= TTier.ByteKernelBits && tokenCount > BytePanelProduct<TCodes, TScales, TTier, V>.MinimumTokenCount;

    private static int SuperBlockScalesByteSize => TScales.HeaderByteSize + TScales.BlocksPerSuperBlock * TScales.BlockByteSize;

    private int CodesPanelByteSize => _superBlockCount * TScales.BlocksPerSuperBlock * TCodes.BlockByteSize;

    private int ScalesPanelByteSize => _superBlockCount * SuperBlockScalesByteSize;

    // This method is fully optimized when it is first compiled, because loading is finished before the JIT would recompile the method.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override bool TryFill(int panel, ReadOnlySpan<byte> rows)
    {
        int rowByteSize = ColumnCount / TFormat.BlockLength * TFormat.BlockByteSize;
        int rowCount = Math.Min(PanelRowCount, RowCount - panel * PanelRowCount);
        ArgumentOutOfRangeException.ThrowIfNotEqual(rows.Length, rowCount * rowByteSize);
        Span<byte> codes = _codes.Writable((long)panel * CodesPanelByteSize, CodesPanelByteSize);
        Span<byte> scales = _scales.Writable((long)panel * ScalesPanelByteSize, ScalesPanelByteSize);
        // [block of 32 columns][code vector][row][4 codes]: rows that are missing in the last panel keep code 0 and scale 0.
        Span<int> vectors = stackalloc int[BlockParts.MaxBlockLength * PanelRowCount / 4];
        vectors.Clear();
        // Rows that are missing in the last panel keep the groups 0.
        Span<ulong> groups = stackalloc ulong[TScales.GroupsByteSize / sizeof(ulong) * PanelRowCount];
        groups.Clear();
        var parts = new BlockParts
        {
            Codes = stackalloc byte[BlockParts.MaxBlockLength],
            GroupScales = stackalloc sbyte[BlockParts.MaxGroupCount],
            GroupOffsets = stackalloc byte[BlockParts.MaxGroupCount],
        };
        for (int superBlock = 0; superBlock < _superBlockCount; superBlock++)
        {
            Span<byte> superBlockScales = scales.Slice(superBlock * SuperBlockScalesByteSize, SuperBlockScalesByteSize);
            Span<byte> superBlockCodes = codes.Slice(superBlock * TScales.BlocksPerSuperBlock * TCodes.BlockByteSize, TScales.BlocksPerSuperBlock * TCodes.BlockByteSize);
            for (int row = 0; row < rowCount; row++)
            {
                ReadOnlySpan<byte> block = rows.Slice(row * rowByteSize + superBlock * TFormat.BlockByteSize, TFormat.BlockByteSize);
                TFormat.UnpackScales(block, ref parts);
                if (!parts.IsFinite)
                {
                    return false;
                }

                TScales.Pack(in parts, row, superBlockScales, groups);
                if (TFormat.HasNibbles)
                {
                    InterleaveNibbles(block, row, MemoryMarshal.Cast<byte, int>(superBlockCodes));
                }
                else
                {
                    TFormat.UnpackCodes(block, parts.Codes);
                    Interleave(parts.Codes, row, vectors);
                }
            }

            TScales.PackGroups(groups, superBlockScales);

            for (int block = 0; block < TScales.BlocksPerSuperBlock && !TFormat.HasNibbles; block++)
            {
                TCodes.Pack(
                    MemoryMarshal.AsBytes(vectors.Slice(block * BlockLength * PanelRowCount / 4, BlockLength * PanelRowCount / 4)),
                    superBlockCodes.Slice(block * TCodes.BlockByteSize, TCodes.BlockByteSize));
            }
        }

        return true;
    }

    public override void Multiply(int startPanel, int endPanel, Activations input, int startToken, int endToken, Activations output, bool accumulate)
    {
        Debug.Assert(input.Width == ColumnCount && output.Width == RowCount && startToken == 0);
        QuantizedActivations quantized = ReadsPowersOfTwo ? input.QuantizedByPowersOfTwo : input.Quantized;
        if (MultipliesBytes(endToken))
        {
            startPanel = MultiplyBytes(startPanel, endPanel, quantized, endToken, output, accumulate);
        }

        int groupLength = Math.Max(1, PanelGroupByteSize / (CodesPanelByteSize + ScalesPanelByteSize));
        for (int group = startPanel; group < endPanel; group += groupLength)
        {
            int groupEnd = Math.Min(group + groupLength, endPanel);
            for (int token = startToken; token < endToken; token += TTier.TileTokenCount)
            {
                int count = Math.Min(TTier.TileTokenCount, endToken - token);
                ActivationTile x = quantized.TileFrom(token);
                for (int panel = group; panel < groupEnd; panel++)
                {
                    MultiplyTile(panel, in x, count, ref MemoryMarshal.GetReference(output.Panel(token, panel)), output.Stride, accumulate);
                }
            }
        }
    }

    public override void Decode(int panel, int startColumn, int columnCount, Span<float> weights)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(startColumn % TFormat.BlockLength + columnCount % TFormat.BlockLength, 0);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(startColumn + columnCount, ColumnCount);
        ArgumentOutOfRangeException.ThrowIfLessThan(weights.Length, columnCount * PanelRowCount);
        int first = startColumn / TFormat.BlockLength;
        PanelDecoder<TCodes, TScales, TTier, V>.Decode(
            ref Unsafe.Add(ref _codes.Reference, (nint)panel * CodesPanelByteSize + first * TScales.BlocksPerSuperBlock * TCodes.BlockByteSize),
            ref Unsafe.Add(ref _scales.Reference, (nint)panel * ScalesPanelByteSize + first * SuperBlockScalesByteSize),
            columnCount / TFormat.BlockLength,
            weights);
    }

    public override void Dispose()
    {
        _codes.Dispose();
        _scales.Dispose();
    }

    // Returns the first of the panels that are left over.
    private int MultiplyBytes(int startPanel, int endPanel, QuantizedActivations input, int tokenCount, Activations output, bool accumulate)
    {
        for (; endPanel - startPanel >= TTier.ByteKernelPanelCount; startPanel += TTier.ByteKernelPanelCount)
        {
            BytePanelProduct<TCodes, TScales, TTier, V>.Multiply(
                ref Unsafe.Add(ref _codes.Reference, (nint)startPanel * CodesPanelByteSize), CodesPanelByteSize,
                ref Unsafe.Add(ref _scales.Reference, (nint)startPanel * ScalesPanelByteSize), ScalesPanelByteSize,
                _superBlockCount, input, tokenCount, output, startPanel, accumulate);
        }

        return startPanel;
    }

    private void MultiplyTile(int panel, in ActivationTile x, int tokenCount, ref float output, int outputStride, bool accumulate)
    {
        ref byte codes = ref Unsafe.Add(ref _codes.Reference, (nint)panel * CodesPanelByteSize);
        ref byte scales = ref Unsafe.Add(ref _scales.Reference, (nint)panel * ScalesPanelByteSize);
        for (int row = 0; row < PanelRowCount; row += TTier.Lanes)
        {
            var results = new PanelOutput(ref Unsafe.Add(ref output, row), outputStride, accumulate);
            if (tokenCount == 1)
            {
                PanelKernel<TCodes, TScales, TTier, V>.Multiply<OneToken>(ref codes, ref scales, in x, _superBlockCount, row, tokenCount, results);
            }
            else if (TTier.TileTokenCount == FourTokens.TokenCount || tokenCount <= FourTokens.TokenCount)
            {
                PanelKernel<TCodes, TScales, TTier, V>.Multiply<FourTokens>(ref codes, ref scales, in x, _superBlockCount, row, tokenCount, results);
            }
            else
            {
                PanelKernel<TCodes, TScales, TTier, V>.Multiply<EightTokens>(ref codes, ref scales, in x, _superBlockCount, row, tokenCount, results);
            }
        }
    }

    // Copies four codes at a time; vectors[i · 16 + row] is code vector i of that row.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Interleave(ReadOnlySpan<byte> codes, int row, Span<int> vectors)
    {
        Debug.Assert(codes.Length >= TFormat.BlockLength && vectors.Length >= TFormat.BlockLength * PanelRowCount / 4 && row < PanelRowCount);
        ref int source = ref Unsafe.As<byte, int>(ref MemoryMarshal.GetReference(codes));
        ref int destination = ref Unsafe.Add(ref MemoryMarshal.GetReference(vectors), row);
        for (int i = 0; i < TFormat.BlockLength / 4; i++)
        {
            Unsafe.Add(ref destination, i * PanelRowCount) = Unsafe.Add(ref source, i);
        }
    }

    // Formats with HasNibbles already store their codes in the way in which Codes4 packs them, so the method only copies them. Each int has the codes
    // of four columns in its low nibbles, and the codes of the four columns 16 places later in its high nibbles.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void InterleaveNibbles(ReadOnlySpan<byte> block, int row, Span<int> codes)
    {
        Debug.Assert(TCodes.BlockByteSize == Codes4.BlockByteSize && codes.Length == TFormat.BlockLength * PanelRowCount / 8 && row < PanelRowCount);
        ref int destination = ref Unsafe.Add(ref MemoryMarshal.GetReference(codes), row);
        for (int group = 0; group < TFormat.BlockLength / BlockLength; group++)
        {
            Vector128<int> nibbles = TFormat.Nibbles(block, group).AsInt32();
            destination = nibbles[0];
            Unsafe.Add(ref destination, PanelRowCount) = nibbles[1];
            Unsafe.Add(ref destination, 2 * PanelRowCount) = nibbles[2];
            Unsafe.Add(ref destination, 3 * PanelRowCount) = nibbles[3];
            destination = ref Unsafe.Add(ref destination, 4 * PanelRowCount);
        }
    }
}
