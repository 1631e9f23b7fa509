using System.Buffers.Binary;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace Llama2.Quantization;

/// <summary>Writes weights unquantized: F32, F16 and BF16, rounded to nearest, ties to even.</summary>
internal static class FloatFormats
{
    /// <summary>The types that can be written.</summary>
    public static IReadOnlyList<GgmlType> All { get; } = [GgmlType.F32, GgmlType.F16, GgmlType.BF16];

    /// <summary>Encodes weights.</summary>
    /// <param name="type">One of <see cref="All"/>.</param>
    /// <param name="weights">The weights.</param>
    /// <param name="destination">Receives the encoded weights; exactly as many bytes as the type takes.</param>
    public static void Encode(GgmlType type, ReadOnlySpan<float> weights, Span<byte> destination)
    {
        if (destination.Length != weights.Length * GgmlTypes.BlockByteSize(type))
            throw new ArgumentException($"{weights.Length} weights of {type} do not take {destination.Length} bytes.", nameof(destination));

        switch (type)
        {
            case GgmlType.F32: MemoryMarshal.AsBytes(weights).CopyTo(destination); break;
            case GgmlType.F16: TensorPrimitives.ConvertToHalf(weights, MemoryMarshal.Cast<byte, Half>(destination)); break;
            case GgmlType.BF16: EncodeBF16(weights, destination); break;
            default: throw new ArgumentOutOfRangeException(nameof(type), type, $"Only {string.Join(", ", All)} are written so.");
        }
    }

    private static void EncodeBF16(ReadOnlySpan<float> weights, Span<byte> destination)
    {
        for (int i = 0; i < weights.Length; i++)
        {
            uint bits = BitConverter.SingleToUInt32Bits(weights[i]);
            // Without this, rounding could turn a NaN into an infinity.
            uint rounded = float.IsNaN(weights[i]) ? bits | 0x40_0000 : bits + 0x7FFF + ((bits >> 16) & 1);
            BinaryPrimitives.WriteUInt16LittleEndian(destination[(2 * i)..], (ushort)(rounded >> 16));
        }
    }
}
