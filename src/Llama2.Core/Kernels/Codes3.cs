using System.Runtime.CompilerServices;

namespace Llama2.Kernels;

/// <summary>3-bit codes in 192 bytes: <see cref="Codes2"/> for the low two bits, then a <see cref="BitPlane"/> for the third bit.</summary>
internal readonly struct Codes3 : ICodes
{
    public static int Bits => 3;

    public static int BlockByteSize => 192;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Pack(ReadOnlySpan<byte> vectors, Span<byte> block)
    {
        Codes2.Pack(vectors, block);
        BitPlane.Pack(vectors, 2, block[Codes2.BlockByteSize..]);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Load<TTier, V>(ref readonly byte block, int index)
        where TTier : struct, ITier<V>
        where V : struct
        => TTier.Or(Codes2.Load<TTier, V>(in block, index), BitPlane.Load<TTier, V>(in Unsafe.Add(ref Unsafe.AsRef(in block), 128), index, 2));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Dot16<TTier, V>(V c0, V c1, V c2, V c3, ref sbyte x, int start)
        where TTier : struct, ITier<V>
        where V : struct
        => TTier.Dot16Bits5(c0, c1, c2, c3, ref x, start);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Dot32<TTier, V>(V c0, V c1, V c2, V c3, V c4, V c5, V c6, V c7, ref sbyte x, int start)
        where TTier : struct, ITier<V>
        where V : struct
        => TTier.Dot32Bits4(c0, c1, c2, c3, c4, c5, c6, c7, ref x, start);
}
