using System.Runtime.CompilerServices;

namespace Llama2.Kernels;

/// <summary>
/// 6-bit codes in 384 bytes: <see cref="Codes4"/> for the low four bits, then two planes for the high two bits, arranged as in
/// <see cref="Codes2"/>.
/// </summary>
internal readonly struct Codes6 : ICodes
{
    public static int Bits => 6;

    public static int BlockByteSize => 384;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Pack(ReadOnlySpan<byte> vectors, Span<byte> block)
    {
        Codes4.Pack(vectors, block);
        Codes2.PackBits(vectors, 4, block[Codes4.BlockByteSize..]);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Load<TTier, V>(ref readonly byte block, int index)
        where TTier : struct, ITier<V>
        where V : struct
        => TTier.Or(Codes4.Load<TTier, V>(in block, index), High<TTier, V>(in Unsafe.Add(ref Unsafe.AsRef(in block), 256 + 64 * (index / 4)), index % 4));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Dot16<TTier, V>(V c0, V c1, V c2, V c3, ref sbyte x, int start)
        where TTier : struct, ITier<V>
        where V : struct
        => TTier.Dot16Bits6(c0, c1, c2, c3, ref x, start);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Dot32<TTier, V>(V c0, V c1, V c2, V c3, V c4, V c5, V c6, V c7, ref sbyte x, int start)
        where TTier : struct, ITier<V>
        where V : struct
        => TTier.AddIntegers(TTier.Dot16Bits6(c0, c1, c2, c3, ref x, start), TTier.Dot16Bits6(c4, c5, c6, c7, ref x, start + 16));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V High<TTier, V>(ref readonly byte plane, int index)
        where TTier : struct, ITier<V>
        where V : struct
        => index switch
        {
            0 => TTier.And(TTier.ShiftLeft(TTier.Load(in plane), 4), 0x30),
            1 => TTier.And(TTier.ShiftLeft(TTier.Load(in plane), 2), 0x30),
            2 => TTier.And(TTier.Load(in plane), 0x30),
            _ => TTier.And(TTier.ShiftRight(TTier.Load(in plane), 2), 0x30),
        };
}
