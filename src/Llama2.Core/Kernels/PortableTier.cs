using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using V = System.Runtime.Intrinsics.Vector128<byte>;

namespace Llama2.Kernels;

/// <summary>Uses the vector operations that .NET provides on every processor. They give correct results on all processors, but are fast on none.</summary>
internal readonly struct PortableTier : IVector128Tier, IPairTier<V>
{
    public static bool IsSupported => true;

    public static bool SplitsActivations => true;

    // Processors that need this tier have 16 registers: a tile of eight tokens ran at 0.6 (Q8_0) to 0.95 (Q6_K) times the speed of a tile of four.
    public static int TileTokenCount => 4;

    public static int FloatTileTokenCount => 4;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Lookup(V indexes, ref readonly byte tables) => Vector128.Shuffle(Vector128.LoadUnsafe(in tables), indexes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Dot16Bits5(V codes0, V codes1, V codes2, V codes3, ref sbyte activations, int start)
        => PairDot.Dot16Bits5<PortableTier, V>(codes0, codes1, codes2, codes3, ref activations, start);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Dot16Bits6(V codes0, V codes1, V codes2, V codes3, ref sbyte activations, int start)
        => PairDot.Dot16Bits6<PortableTier, V>(codes0, codes1, codes2, codes3, ref activations, start);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Dot16Bits8(V codes0, V codes1, V codes2, V codes3, ref sbyte activations, int start)
        => PairDot.Dot16Bits8<PortableTier, V>(codes0, codes1, codes2, codes3, ref activations, start);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Dot32Bits4(V codes0, V codes1, V codes2, V codes3, V codes4, V codes5, V codes6, V codes7, ref sbyte activations, int start)
        => PairDot.Dot32Bits4<PortableTier, V>(codes0, codes1, codes2, codes3, codes4, codes5, codes6, codes7, ref activations, start);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Dot32Bits8(V codes0, V codes1, V codes2, V codes3, V codes4, V codes5, V codes6, V codes7, ref sbyte activations, int start)
        => PairDot.Dot32Bits8<PortableTier, V>(codes0, codes1, codes2, codes3, codes4, codes5, codes6, codes7, ref activations, start);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V MultiplyPairs(V codes, ref sbyte activations, int start)
    {
        // Bytes 0 and 2 of a lane are the low halves of its two 16-bit elements, bytes 1 and 3 the high halves. With codes below 128, a sum of two
        // products is at most 2 · 127 · 127 = 32,258.
        Vector128<short> x = Vector128.Create(Unsafe.As<sbyte, int>(ref Unsafe.Add(ref activations, start))).AsInt16();
        Vector128<short> even = (codes & Vector128.Create((ushort)0x00ff).AsByte()).AsInt16() * (x << 8 >> 8);
        Vector128<short> odd = (codes.AsUInt16() >> 8).AsInt16() * (x >> 8);
        return (even + odd).AsByte();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V AddShorts(V left, V right) => (left.AsInt16() + right.AsInt16()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V FoldPairs(V shorts) => ((shorts.AsInt32() << 16 >> 16) + (shorts.AsInt32() >> 16)).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V MultiplyBy16(V integers) => (integers.AsInt32() << 4).AsByte();
}
