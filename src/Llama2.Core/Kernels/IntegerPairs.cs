using System.Runtime.CompilerServices;

namespace Llama2.Kernels;

/// <summary>Pairs of 16-bit integers. The two products of a lane are added to a 32-bit sum, which is exact.</summary>
internal readonly struct IntegerPairs : IAttentionNumbers
{
    public static int ByteSize => 2 * sizeof(short);

    public static bool AreIntegers => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Load<TTier, V>(ref readonly byte numbers)
        where TTier : struct, ITier<V>
        where V : struct
        => TTier.Load(in numbers);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V MultiplyAdd<TTier, V>(V numbers, V factors, V sums)
        where TTier : struct, ITier<V>
        where V : struct
        => TTier.MultiplyAddPairs(numbers, factors, sums);
}
