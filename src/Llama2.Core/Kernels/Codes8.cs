using System.Runtime.CompilerServices;

namespace Llama2.Kernels;

/// <summary>8-bit codes in 512 bytes: the eight code vectors, one after the other, without packing.</summary>
internal readonly struct Codes8 : ICodes
{
    public static int Bits => 8;

    public static int BlockByteSize => 512;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Pack(ReadOnlySpan<byte> vectors, Span<byte> block) => vectors[..512].CopyTo(block);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Load<TTier, V>(ref readonly byte block, int index)
        where TTier : struct, ITier<V>
        where V : struct
        => TTier.Load(in Unsafe.Add(ref Unsafe.AsRef(in block), 64 * index));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Dot16<TTier, V>(V c0, V c1, V c2, V c3, ref sbyte x, int start)
        where TTier : struct, ITier<V>
        where V : struct
        => TTier.Dot16Bits8(c0, c1, c2, c3, ref x, start);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Dot32<TTier, V>(V c0, V c1, V c2, V c3, V c4, V c5, V c6, V c7, ref sbyte x, int start)
        where TTier : struct, ITier<V>
        where V : struct
        => TTier.Dot32Bits8(c0, c1, c2, c3, c4, c5, c6, c7, ref x, start);
}
