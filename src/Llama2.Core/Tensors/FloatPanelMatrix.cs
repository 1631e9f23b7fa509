using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Llama2.Kernels;
using Llama2.Memory;
using Llama2.Quantization;

namespace Llama2.Tensors;

/// <summary>An unquantized matrix repacked into panels: column after column, 16 rows side by side.</summary>
internal sealed class FloatPanelMatrix<TFormat, TWeights, TTier, V> : WeightMatrix
    where TFormat : struct, IFloatFormat
    where TWeights : struct, IFloatWeights
    where TTier : struct, ITier<V>
    where V : struct
{
    // With many tokens, all tokens are multiplied with one part of a group of panels at a time. The weights of the part stay in the first-level cache, widened
    // to float32 once for all tokens. (.NET 10 lacks the instruction that converts halves, so converting takes six instructions or more.) Activations, which
    // often do not fit in the second-level cache, are read once for four panels. This raised the speed on an Emerald Rapids
    // processor, in billions of multiply-adds per second and core: F16 33 → 63, BF16 52 → 62, F32 47 → 62; with AVX2, F16 13 → 34.
    private const int PartLength = 128;
    private const int GroupLength = 4;
    private const int PartSize = PartLength * PanelRowCount;
    private readonly int _columnPairCount;
    private readonly WeightBytes _weights;

    public FloatPanelMatrix(int rowCount, int columnCount, Func<long, WeightBytes> place)
        : base(TFormat.Type, rowCount, columnCount)
    {
        Debug.Assert(TFormat.BlockByteSize == TWeights.ByteSize && TFormat.BlockLength == 1);
        _columnPairCount = (columnCount + 1) / 2;
        _weights = place((long)PanelCount * PanelByteSize);
    }

    public override IReadOnlyList<WeightBytes> Parts => [_weights];

    public override long ByteSize => _weights.ByteSize;

    public override bool IsQuantized => false;

    private int PanelByteSize => _columnPairCount * 2 * PanelRowCount * TWeights.ByteSize;

    public override bool TryFill(int panel, ReadOnlySpan<byte> rows)
    {
        int rowCount = Math.Min(PanelRowCount, RowCount - panel * PanelRowCount);
        ArgumentOutOfRangeException.ThrowIfNotEqual(rows.Length, rowCount * ColumnCount * TWeights.ByteSize);
        return RowInterleaver.TryInterleave(
            rows, rowCount, ColumnCount, TWeights.ByteSize, TFormat.Exponent,
            _weights.Writable((long)panel * PanelByteSize, PanelByteSize));
    }

    // The columns are split into the same parts for any number of tokens, so that a row's products are always added in the same order.
    [SkipLocalsInit]
    public override void Multiply(int startPanel, int endPanel, Activations input, int startToken, int endToken, Activations output, bool accumulate)
    {
        Debug.Assert(input.Width == ColumnCount && output.Width == RowCount);
        TiledActivations tiled = input.Tiled;
        bool many = endToken - startToken > ActivationTile.Width, widens = many && TWeights.ByteSize < sizeof(float);
        Span<float> wide = stackalloc float[widens ? GroupLength * PartSize : 0];
        for (int group = startPanel, groupEnd; group < endPanel; group = groupEnd)
        {
            groupEnd = Math.Min(group + (many ? GroupLength : 1), endPanel);
            for (int column = 0; column < 2 * _columnPairCount; column += PartLength)
            {
                int pairCount = Math.Min(PartLength / 2, _columnPairCount - column / 2);
                scoped ref byte weights = ref PanelFrom(group, column);
                nint stride = PanelByteSize;
                if (widens)
                {
                    for (int panel = group; panel < groupEnd; panel++)
                    {
                        Widen(ref PanelFrom(panel, column), wide.Slice((panel - group) * PartSize, pairCount * 2 * PanelRowCount));
                    }

                    weights = ref Unsafe.As<float, byte>(ref MemoryMarshal.GetReference(wide));
                    stride = PartSize * sizeof(float);
                }

                for (int token = startToken, count; token < endToken; token += count)
                {
                    count = Math.Min(ActivationTile.Width - token % ActivationTile.Width, endToken - token);
                    ref float x = ref tiled.From(token, column);
                    for (int panel = group; panel < groupEnd; panel++)
                    {
                        ref byte part = ref Unsafe.Add(ref weights, (panel - group) * stride);
                        ref float y = ref MemoryMarshal.GetReference(output.Panel(token, panel));
                        if (widens)
                        {
                            FloatPanelKernel<SingleWeights, TTier, V>.MultiplyPanel(ref part, ref x, pairCount, count, ref y, output.Stride, accumulate || column > 0);
                        }
                        else
                        {
                            FloatPanelKernel<TWeights, TTier, V>.MultiplyPanel(ref part, ref x, pairCount, count, ref y, output.Stride, accumulate || column > 0);
                        }
                    }
                }
            }
        }
    }

    public override void Decode(int panel, int startColumn, int columnCount, Span<float> weights)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(startColumn + columnCount, ColumnCount);
        ArgumentOutOfRangeException.ThrowIfLessThan(weights.Length, columnCount * PanelRowCount);
        Widen(ref PanelFrom(panel, startColumn), weights[..(columnCount * PanelRowCount)]);
    }

    public override void Dispose() => _weights.Dispose();

    private ref byte PanelFrom(int panel, int column)
        => ref Unsafe.Add(ref _weights.Reference, (nint)panel * PanelByteSize + (nint)column * PanelRowCount * TWeights.ByteSize);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Widen(ref byte source, Span<float> weights)
    {
        ref float destination = ref MemoryMarshal.GetReference(weights);
        for (int i = 0; i < weights.Length; i += TTier.Lanes)
        {
            TTier.Store(TWeights.Load<TTier, V>(in Unsafe.Add(ref source, i * TWeights.ByteSize)), ref Unsafe.Add(ref destination, i));
        }
    }
}
