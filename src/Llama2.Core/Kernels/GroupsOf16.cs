using System.Runtime.CompilerServices;

namespace Llama2.Kernels;

/// <summary>Two groups in each block of 32 columns.</summary>
internal readonly struct GroupsOf16 : IGroups
{
    public static int CountPerBlock => 2;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V AddCentred<TCodes, TTier, V>(
        V sum, V c0, V c1, V c2, V c3, V c4, V c5, V c6, V c7, V scale0, V scale1, ref sbyte values, ref float bases, ref int starts, int token)
        where TCodes : struct, ICodes
        where TTier : struct, ITier<V>
        where V : struct
    {
        V dot0 = TTier.AddIntegers(TCodes.Dot16<TTier, V>(c0, c1, c2, c3, ref values, 32 * token), ref starts, token);
        V dot1 = TTier.AddIntegers(TCodes.Dot16<TTier, V>(c4, c5, c6, c7, ref values, 32 * token + 16), ref starts, ActivationTile.Width + token);
        V first = TTier.MultiplyAdd(TTier.Subtract(dot0, ref bases, token), scale0, sum);
        return TTier.MultiplyAdd(TTier.Subtract(dot1, ref bases, token), scale1, first);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V AddOffset<TCodes, TTier, V>(
        V sum, V c0, V c1, V c2, V c3, V c4, V c5, V c6, V c7, V scale0, V offset0, V scale1, V offset1,
        ref sbyte values, ref float factors, ref float scaledSums, int token)
        where TCodes : struct, ICodes
        where TTier : struct, ITier<V>
        where V : struct
    {
        V dot0 = TCodes.Dot16<TTier, V>(c0, c1, c2, c3, ref values, 32 * token);
        V dot1 = TCodes.Dot16<TTier, V>(c4, c5, c6, c7, ref values, 32 * token + 16);
        V first = TTier.MultiplyAdd(TTier.ToFloat(dot0), TTier.Multiply(scale0, ref factors, token), sum);
        V second = TTier.MultiplyAdd(TTier.ToFloat(dot1), TTier.Multiply(scale1, ref factors, token), first);
        return TTier.MultiplySubtract(offset1, ref scaledSums, ActivationTile.Width + token, TTier.MultiplySubtract(offset0, ref scaledSums, token, second));
    }
}
