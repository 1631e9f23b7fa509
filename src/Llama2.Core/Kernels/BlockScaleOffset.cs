using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Llama2.Quantization;

namespace Llama2.Kernels;

/// <summary>
/// One half-precision scale and one half-precision offset for each block of 32 columns: Q4_1, Q5_1. Bytes 0–31 of a block are 16 scales, bytes 32–63
/// are 16 offsets.
/// </summary>
internal readonly struct BlockScaleOffset : IScales
{
    public static int GroupsPerBlock => 1;

    public static int BlocksPerSuperBlock => 1;

    public static bool HasOffset => true;

    public static bool HasPowerOfTwoActivationScales => false;

    public static int HeaderByteSize => 0;

    public static int BlockByteSize => 64;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Pack(in BlockParts parts, int row, Span<byte> superBlock, Span<ulong> groups)
    {
        Span<Half> halves = MemoryMarshal.Cast<byte, Half>(superBlock);
        halves[row] = parts.Scale;
        halves[16 + row] = parts.Offset;
    }

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
        => group == 1 ? default : TTier.LoadHalves(in Unsafe.Add(ref Unsafe.AsRef(in block), 32 + 2 * firstRow));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Add<TCodes, TTier, V>(
        V sum, V c0, V c1, V c2, V c3, V c4, V c5, V c6, V c7, V scale0, V offset0, V scale1, V offset1,
        ref sbyte values, ref float factors, ref int corrections, ref float scaledSums, int token)
        where TCodes : struct, ICodes
        where TTier : struct, ITier<V>
        where V : struct
    {
        V dot = TCodes.Dot32<TTier, V>(c0, c1, c2, c3, c4, c5, c6, c7, ref values, 32 * token);
        V product = TTier.MultiplyAdd(TTier.ToFloat(dot), TTier.Multiply(scale0, ref factors, token), sum);
        return TTier.MultiplySubtract(offset0, ref scaledSums, token, product);
    }
}
