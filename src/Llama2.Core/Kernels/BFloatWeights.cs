using System.Runtime.CompilerServices;

namespace Llama2.Kernels;

/// <summary>The upper halves of single precision numbers (bfloat16).</summary>
internal readonly struct BFloatWeights : IFloatWeights
{
    public static int ByteSize => 2;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Load<TTier, V>(ref readonly byte weights)
        where TTier : struct, ITier<V>
        where V : struct
        => TTier.LoadBFloats(in weights);
}
