using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace Llama2.Quantization.Encoders;

/// <summary>F32, F16 and BF16: each weight is rounded to nearest, ties to even.</summary>
internal sealed class FloatRowEncoder(GgmlType type) : RowEncoder
{
    public override bool TryEncode(ReadOnlySpan<float> row, ReadOnlySpan<float> importance, Span<byte> blocks)
    {
        switch (type)
        {
            case GgmlType.F32:
                MemoryMarshal.AsBytes(row).CopyTo(blocks);
                return true;
            case GgmlType.F16:
                Span<Half> halves = MemoryMarshal.Cast<byte, Half>(blocks);
                TensorPrimitives.ConvertToHalf(row, halves);
                return TensorPrimitives.IsFiniteAll<Half>(halves);
            default:
                return TryRoundToUpperHalves(MemoryMarshal.Cast<float, uint>(row), MemoryMarshal.Cast<byte, ushort>(blocks));
        }
    }

    private static bool TryRoundToUpperHalves(ReadOnlySpan<uint> singles, Span<ushort> upperHalves)
    {
        const ushort Exponent = 0x7F80;
        bool isFinite = true;
        for (int i = 0; i < singles.Length; i++)
        {
            uint bits = singles[i];
            ushort rounded = (ushort)((bits + 0x7FFF + (bits >> 16 & 1)) >> 16);
            isFinite &= (rounded & Exponent) != Exponent;
            upperHalves[i] = rounded;
        }

        return isFinite;
    }
}
