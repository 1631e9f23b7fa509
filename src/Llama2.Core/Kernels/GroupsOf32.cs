using System.Runtime.CompilerServices;

namespace Llama2.Kernels;

/// <summary>One group in each block of 32 columns.</summary>
internal readonly struct GroupsOf32 : IGroups
{
    public static int CountPerBlock => 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V AddCentred<TCodes, TTier, V>(
        V sum, V c0, V c1, V c2, V c3, V c4, V c5, V c6, V c7, V scale0, V scale1, ref sbyte values, ref float factors, ref int corrections, int token)
        where TCodes : struct, ICodes
        where TTier : struct, ITier<V>
        where V : struct
    {
        V dot = TCodes.Dot32<TTier, V>(c0, c1, c2, c3, c4, c5, c6, c7, ref values, 32 * token);
        V centred = TTier.AddIntegers(dot, ref corrections, token);
        return TTier.MultiplyAdd(TTier.ToFloat(centred), TTier.Multiply(scale0, ref factors, token), sum);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V AddOffset<TCodes, TTier, V>(
        V sum, V c0, V c1, V c2, V c3, V c4, V c5, V c6, V c7, V scale0, V offset0, V scale1, V offset1,
        ref sbyte values, ref float factors, ref float scaledSums, int token)
        where TCodes : struct, ICodes
        where TTier : struct, ITier<V>
        where V : struct
    {
        V dot = TCodes.Dot32<TTier, V>(c0, c1, c2, c3, c4, c5, c6, c7, ref values, 32 * token);
        V product = TTier.MultiplyAdd(TTier.ToFloat(dot), TTier.Multiply(scale0, ref factors, token), sum);
        return TTier.MultiplySubtract(offset0, ref scaledSums, token, product);
    }
}
