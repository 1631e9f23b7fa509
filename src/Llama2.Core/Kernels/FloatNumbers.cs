using System.Runtime.CompilerServices;

namespace Llama2.Kernels;

/// <summary>Numbers that are widened to float32 when they are loaded. Products are added with one rounding.</summary>
internal readonly struct FloatNumbers<TWeights> : IAttentionNumbers
    where TWeights : struct, IFloatWeights
{
    public static int ByteSize => TWeights.ByteSize;

    public static bool AreIntegers => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Load<TTier, V>(ref readonly byte numbers)
        where TTier : struct, ITier<V>
        where V : struct
        => TWeights.Load<TTier, V>(in numbers);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V MultiplyAdd<TTier, V>(V numbers, V factors, V sums)
        where TTier : struct, ITier<V>
        where V : struct
        => TTier.MultiplyAdd(numbers, factors, sums);
}
