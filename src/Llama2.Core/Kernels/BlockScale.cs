using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Llama2.Quantization;

namespace Llama2.Kernels;

/// <summary>One half-precision scale for each block of 32 columns: Q4_0, Q5_0, Q8_0, IQ4_NL. Bytes 2r, 2r+1 of a block belong to row r.</summary>
internal readonly struct BlockScale : IScales
{
    public static int GroupsPerBlock => 1;

    public static int BlocksPerSuperBlock => 1;

    public static bool HasOffset => false;

    public static bool HasPowerOfTwoActivationScales => false;

    public static int HeaderByteSize => 0;

    public static int BlockByteSize => 32;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Pack(in BlockParts parts, int row, Span<byte> superBlock, Span<ulong> groups)
        => MemoryMarshal.Cast<byte, Half>(superBlock)[row] = parts.Scale;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V HeaderScale<TTier, V>(ref readonly byte header, int firstRow)
        where TTier : struct, ITier<V>
        where V : struct
        => default;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V HeaderOffset<TTier, V>(ref readonly byte header, int firstRow)
        where TTier : struct, ITier<V>
        where V : struct
        => default;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Scale<TTier, V>(V headerScale, ref readonly byte block, int group, int firstRow)
        where TTier : struct, ITier<V>
        where V : struct
        => group == 1 ? default : TTier.LoadHalves(in Unsafe.Add(ref Unsafe.AsRef(in block), 2 * firstRow));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Offset<TTier, V>(V headerOffset, ref readonly byte block, int group, int firstRow)
        where TTier : struct, ITier<V>
        where V : struct
        => default;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Add<TCodes, TTier, V>(
        V sum, V c0, V c1, V c2, V c3, V c4, V c5, V c6, V c7, V scale0, V offset0, V scale1, V offset1,
        ref sbyte values, ref float factors, ref int corrections, ref float scaledSums, int token)
        where TCodes : struct, ICodes
        where TTier : struct, ITier<V>
        where V : struct
    {
        V dot = TTier.AddIntegers(TCodes.Dot32<TTier, V>(c0, c1, c2, c3, c4, c5, c6, c7, ref values, 32 * token), ref corrections, token);
        return TTier.MultiplyAdd(TTier.ToFloat(dot), TTier.Multiply(scale0, ref factors, token), sum);
    }
}
