using System.Runtime.CompilerServices;

namespace Llama2.Kernels;

/// <summary>Weights in bfloat16, the upper halves of single precision numbers.</summary>
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
        // Rounds to nearest, ties to even. Before the lower 16 bits are dropped, 0x8000 is added if the last kept bit is 1, and 0x7fff if it is 0.
        uint bits = BitConverter.SingleToUInt32Bits(Math.Clamp(value, -LargestBFloat, LargestBFloat));
        Unsafe.WriteUnaligned(ref destination, (ushort)((bits + 0x7fff + (bits >> 16 & 1)) >> 16));
    }
}
