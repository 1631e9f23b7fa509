using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Llama2.Quantization;

/// <summary>Floating-point numbers of 32 bits: IEEE 754 single precision, little-endian.</summary>
internal readonly struct F32 : IFloatFormat
{
    public static GgmlType Type => GgmlType.F32;

    public static int BlockLength => 1;

    public static int BlockByteSize => 4;

    public static uint Exponent => 0x7f80_0000;

    public static void Dequantize(ReadOnlySpan<byte> blocks, Span<float> weights)
    {
        BlockFormat.CountBlocks<F32>(blocks, weights);
        MemoryMarshal.Cast<byte, float>(blocks).CopyTo(weights);
    }

    public static void Encode(ReadOnlySpan<float> weights, Span<byte> blocks) => MemoryMarshal.AsBytes(weights).CopyTo(blocks);

    public static void Write(float weight, Span<byte> block) => BinaryPrimitives.WriteSingleLittleEndian(block, weight);

    public static bool AreFinite(ReadOnlySpan<byte> blocks) => FloatFormat.AreFinite<F32, uint>(blocks);
}
