using System.Runtime.CompilerServices;

namespace Llama2.Kernels;

/// <summary>Weights in IEEE single precision.</summary>
internal readonly struct SingleWeights : IFloatWeights
{
    public static int ByteSize => 4;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Load<TTier, V>(ref readonly byte weights)
        where TTier : struct, ITier<V>
        where V : struct
        => TTier.LoadFloats(in weights);

    public static void Store(float value, ref byte destination) => Unsafe.WriteUnaligned(ref destination, value);
}
