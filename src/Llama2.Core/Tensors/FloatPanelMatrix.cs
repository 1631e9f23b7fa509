using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Llama2.Kernels;
using Llama2.Memory;
using Llama2.Quantization;

namespace Llama2.Tensors;

/// <summary>An unquantized matrix repacked into panels: column after column, 16 rows side by side.</summary>
internal sealed class FloatPanelMatrix<TFormat, TWeights, TTier, V> : WeightMatrix
    where TFormat : struct, IWeightFormat
    where TWeights : struct, IFloatWeights
    where TTier : struct, ITier<V>
    where V : struct
{
    private readonly int _columnPairCount;
    private readonly AlignedBuffer<byte> _weights;

    public FloatPanelMatrix(int rowCount, int columnCount)
        : base(TFormat.Type, rowCount, columnCount)
    {
        Debug.Assert(TFormat.BlockByteSize == TWeights.ByteSize && TFormat.BlockLength == 1);
        _columnPairCount = (columnCount + 1) / 2;
        _weights = new((long)PanelCount * PanelByteSize);
    }

    public override long ByteSize => _weights.ByteSize;

    public override bool IsQuantized => false;

    private int PanelByteSize => _columnPairCount * 2 * PanelRowCount * TWeights.ByteSize;

    // Optimized at once: a model is loaded before the JIT would come back to it.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override bool TryFill(int panel, ReadOnlySpan<byte> rows)
    {
        int rowCount = Math.Min(PanelRowCount, RowCount - panel * PanelRowCount);
        ArgumentOutOfRangeException.ThrowIfNotEqual(rows.Length, rowCount * ColumnCount * TWeights.ByteSize);
        Span<byte> weights = _weights.Slice((long)panel * PanelByteSize, PanelByteSize);
        for (int row = 0; row < rowCount; row++)
        {
            ReadOnlySpan<byte> source = rows.Slice(row * ColumnCount * TWeights.ByteSize, ColumnCount * TWeights.ByteSize);
            bool isFinite = TWeights.ByteSize == 4
                ? TryScatter(MemoryMarshal.Cast<byte, uint>(source), row, MemoryMarshal.Cast<byte, uint>(weights), 0x7f800000u)
                : TryScatter(
                    MemoryMarshal.Cast<byte, ushort>(source), row, MemoryMarshal.Cast<byte, ushort>(weights),
                    TFormat.Type == GgmlType.F16 ? (ushort)0x7c00 : (ushort)0x7f80);
            if (!isFinite)
            {
                return false;
            }
        }

        return true;
    }

    public override void Multiply(int startPanel, int endPanel, Activations input, int startToken, int endToken, Activations output, bool accumulate)
    {
        Debug.Assert(input.Width == ColumnCount && output.Width == RowCount);
        TiledActivations tiled = input.Tiled;
        for (int panel = startPanel; panel < endPanel; panel++)
        {
            ref byte weights = ref Unsafe.Add(ref _weights.Reference, (nint)panel * PanelByteSize);
            for (int token = startToken, count; token < endToken; token += count)
            {
                count = Math.Min(ActivationTile.Width - token % ActivationTile.Width, endToken - token);
                ref float first = ref MemoryMarshal.GetReference(output.Panel(token, panel));
                FloatPanelKernel<TWeights, TiledLayout, TTier, V>.MultiplyPanel(
                    ref weights, ref tiled.From(token), _columnPairCount, count, ref first, output.Stride, accumulate);
            }
        }
    }

    public override void Decode(int panel, int startColumn, int columnCount, Span<float> weights)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(startColumn + columnCount, ColumnCount);
        ArgumentOutOfRangeException.ThrowIfLessThan(weights.Length, columnCount * PanelRowCount);
        ref byte source = ref Unsafe.Add(ref _weights.Reference, (nint)panel * PanelByteSize + (nint)startColumn * PanelRowCount * TWeights.ByteSize);
        ref float destination = ref MemoryMarshal.GetReference(weights);
        for (int i = 0; i < columnCount * PanelRowCount; i += TTier.Lanes)
        {
            TTier.Store(TWeights.Load<TTier, V>(in Unsafe.Add(ref source, i * TWeights.ByteSize)), ref Unsafe.Add(ref destination, i));
        }
    }

    public override void Dispose() => _weights.Dispose();

    // Spreads one row over the columns of its panel; false if an exponent is all ones (infinite or not a number).
    private static bool TryScatter<T>(ReadOnlySpan<T> source, int row, Span<T> panel, T exponent)
        where T : unmanaged, System.Numerics.IBinaryInteger<T>
    {
        bool isFinite = true;
        for (int column = 0; column < source.Length; column++)
        {
            T bits = source[column];
            isFinite &= (bits & exponent) != exponent;
            panel[column * PanelRowCount + row] = bits;
        }

        return isFinite;
    }
}
