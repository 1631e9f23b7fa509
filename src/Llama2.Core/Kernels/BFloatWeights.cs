using System.Runtime.CompilerServices;

namespace Llama2.Kernels;

/// <summary>The upper halves of single precision numbers (bfloat16).</summary>
internal readonly struct BFloatWeights : IFloatWeights
{
    private const float LargestBFloat = 3.3895314e38f;

    public static int ByteSize => 2;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Load<TTier, V>(ref readonly byte weights)
        where TTier : struct, ITier<V>
        where V : struct
        => TTier.LoadBFloats(in weights);

    public static void Store(float value, ref byte destination)
    {
        // Rounds to nearest, ties to even: adds half of the value of the last kept bit, minus one if that bit is 0.
        uint bits = BitConverter.SingleToUInt32Bits(Math.Clamp(value, -LargestBFloat, LargestBFloat));
        Unsafe.WriteUnaligned(ref destination, (ushort)((bits + 0x7fff + (bits >> 16 & 1)) >> 16));
    }
}
