using System.Runtime.CompilerServices;

namespace Llama2.Kernels;

/// <summary>5-bit codes in 320 bytes: <see cref="Codes4"/> for the low four bits, then a <see cref="BitPlane"/> for the fifth bit.</summary>
internal readonly struct Codes5 : ICodes
{
    public static int Bits => 5;

    public static int BlockByteSize => 320;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Pack(ReadOnlySpan<byte> vectors, Span<byte> block)
    {
        Codes4.Pack(vectors, block);
        BitPlane.Pack(vectors, 4, block[Codes4.BlockByteSize..]);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Load<TTier, V>(ref readonly byte block, int index)
        where TTier : struct, ITier<V>
        where V : struct
        => TTier.Or(Codes4.Load<TTier, V>(in block, index), BitPlane.Load<TTier, V>(in Unsafe.Add(ref Unsafe.AsRef(in block), 256), index, 4));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Dot16<TTier, V>(V c0, V c1, V c2, V c3, ref sbyte x, int start)
        where TTier : struct, ITier<V>
        where V : struct
        => TTier.Dot16Bits5(c0, c1, c2, c3, ref x, start);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Dot32<TTier, V>(V c0, V c1, V c2, V c3, V c4, V c5, V c6, V c7, ref sbyte x, int start)
        where TTier : struct, ITier<V>
        where V : struct
        => TTier.AddIntegers(TTier.Dot16Bits5(c0, c1, c2, c3, ref x, start), TTier.Dot16Bits5(c4, c5, c6, c7, ref x, start + 16));
}
