using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Llama2.Quantization;

/// <summary>The upper half of an IEEE 754 single-precision number, little-endian ("brain floating point").</summary>
internal readonly struct BF16 : IFloatFormat
{
    public static GgmlType Type => GgmlType.BF16;

    public static int BlockLength => 1;

    public static int BlockByteSize => 2;

    public static uint Exponent => 0x7f80;

    public static void Dequantize(ReadOnlySpan<byte> blocks, Span<float> weights)
    {
        BlockFormat.CountBlocks<BF16>(blocks, weights);
        ReadOnlySpan<ushort> upperHalves = MemoryMarshal.Cast<byte, ushort>(blocks);
        Span<uint> singles = MemoryMarshal.Cast<float, uint>(weights);
        int i = 0;
        for (; i <= upperHalves.Length - Vector128<ushort>.Count; i += Vector128<ushort>.Count)
        {
            (var low, var high) = Vector128.Widen(Vector128.Create(upperHalves[i..]));
            (low << 16).CopyTo(singles[i..]);
            (high << 16).CopyTo(singles[(i + 4)..]);
        }

        for (; i < upperHalves.Length; i++)
            singles[i] = (uint)upperHalves[i] << 16;
    }

    public static void Encode(ReadOnlySpan<float> weights, Span<byte> blocks)
    {
        Span<ushort> upperHalves = MemoryMarshal.Cast<byte, ushort>(blocks);
        for (int i = 0; i < weights.Length; i++)
        {
            uint bits = BitConverter.SingleToUInt32Bits(weights[i]);
            // A NaN is not rounded, because rounding could turn it into an infinity.
            uint rounded = float.IsNaN(weights[i]) ? bits | 0x40_0000 : bits + 0x7FFF + ((bits >> 16) & 1);
            upperHalves[i] = (ushort)(rounded >> 16);
        }
    }

    public static void Write(float weight, Span<byte> block) => BinaryPrimitives.WriteUInt16LittleEndian(block, (ushort)(BitConverter.SingleToUInt32Bits(weight) >> 16));

    public static bool AreFinite(ReadOnlySpan<byte> blocks) => FloatFormat.AreFinite<BF16, ushort>(blocks);
}
