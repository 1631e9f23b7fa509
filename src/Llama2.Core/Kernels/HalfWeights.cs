using System.Runtime.CompilerServices;

namespace Llama2.Kernels;

/// <summary>Weights in IEEE half precision.</summary>
internal readonly struct HalfWeights : IFloatWeights
{
    public static int ByteSize => 2;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Load<TTier, V>(ref readonly byte weights)
        where TTier : struct, ITier<V>
        where V : struct
        => TTier.LoadHalves(in weights);

    public static void Store(float value, ref byte destination)
        => Unsafe.WriteUnaligned(ref destination, (Half)Math.Clamp(value, (float)Half.MinValue, (float)Half.MaxValue));
}
