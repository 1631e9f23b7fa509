using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Llama2.Quantization;

namespace Llama2.Kernels;

/// <summary>
/// A half-precision scale for each super-block of 256 columns, and a signed byte for each group: Q3_K, Q6_K, IQ4_XS. The header is 16 half-precision
/// scales, one for each row; a block has 16 bytes for each group.
/// </summary>
internal readonly struct GroupScale<TGroups> : IScales
    where TGroups : struct, IGroups
{
    public static int GroupsPerBlock => TGroups.CountPerBlock;

    public static int BlocksPerSuperBlock => 8;

    public static bool HasOffset => false;

    public static bool HasPowerOfTwoActivationScales => true;

    public static int HeaderByteSize => 32;

    public static int BlockByteSize => 16 * TGroups.CountPerBlock;

    public static int GroupsByteSize => 8 * TGroups.CountPerBlock;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Pack(in BlockParts parts, int row, Span<byte> superBlock, Span<ulong> groups)
    {
        MemoryMarshal.Cast<byte, Half>(superBlock)[row] = parts.Scale;
        for (int eight = 0; eight < TGroups.CountPerBlock; eight++)
        {
            groups[ByteTransposer.RowCount * eight + ByteTransposer.IndexOf(row)] = MemoryMarshal.Read<ulong>(MemoryMarshal.AsBytes(parts.GroupScales.Slice(8 * eight, 8)));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void PackGroups(ReadOnlySpan<ulong> groups, Span<byte> superBlock)
    {
        for (int eight = 0; eight < TGroups.CountPerBlock; eight++)
        {
            ByteTransposer.Transpose(groups.Slice(ByteTransposer.RowCount * eight, ByteTransposer.RowCount), superBlock.Slice(32 + 8 * 16 * eight, 8 * 16), 16);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V HeaderScale<TTier, V>(ref readonly byte header, int firstRow)
        where TTier : struct, ITier<V>
        where V : struct
        => TTier.LoadHalves(in Unsafe.Add(ref Unsafe.AsRef(in header), 2 * firstRow));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V HeaderOffset<TTier, V>(ref readonly byte header, int firstRow)
        where TTier : struct, ITier<V>
        where V : struct
        => default;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Scale<TTier, V>(V headerScale, ref readonly byte block, int group, int firstRow)
        where TTier : struct, ITier<V>
        where V : struct
        => group == 1 && typeof(TGroups) == typeof(GroupsOf32)
            ? default
            : TTier.Multiply(headerScale, TTier.LoadSignedBytesAsFloats(in Unsafe.Add(ref Unsafe.AsRef(in block), 16 * group + firstRow)));

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
        => TGroups.AddCentred<TCodes, TTier, V>(sum, c0, c1, c2, c3, c4, c5, c6, c7, scale0, scale1, ref values, ref factors, ref corrections, token);
}
