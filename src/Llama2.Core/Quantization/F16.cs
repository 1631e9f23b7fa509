using System.Buffers.Binary;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace Llama2.Quantization;

/// <summary>Floating-point numbers of 16 bits: IEEE 754 half precision, little-endian.</summary>
internal readonly struct F16 : IFloatFormat
{
    public static GgmlType Type => GgmlType.F16;

    public static int BlockLength => 1;

    public static int BlockByteSize => 2;

    public static uint Exponent => 0x7c00;

    public static void Dequantize(ReadOnlySpan<byte> blocks, Span<float> weights)
    {
        BlockFormat.CountBlocks<F16>(blocks, weights);
        TensorPrimitives.ConvertToSingle(MemoryMarshal.Cast<byte, Half>(blocks), weights);
    }

    public static void Encode(ReadOnlySpan<float> weights, Span<byte> blocks) => TensorPrimitives.ConvertToHalf(weights, MemoryMarshal.Cast<byte, Half>(blocks));

    public static void Write(float weight, Span<byte> block) => BinaryPrimitives.WriteHalfLittleEndian(block, (Half)weight);

    public static bool AreFinite(ReadOnlySpan<byte> blocks) => FloatFormat.AreFinite<F16, ushort>(blocks);
}
