using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Llama2.Quantization;

namespace Llama2.Kernels;

/// <summary>
/// A half-precision scale and offset for each super-block of 256 columns, and for each group one byte of scale and one byte of offset: Q2_K, Q4_K,
/// Q5_K. The header is 16 scales and 16 offsets; a block has, for each group, 16 scale bytes and then 16 offset bytes.
/// </summary>
internal readonly struct GroupScaleOffset<TGroups> : IScales
    where TGroups : struct, IGroups
{
    public static int GroupsPerBlock => TGroups.CountPerBlock;

    public static int BlocksPerSuperBlock => 8;

    public static bool HasOffset => true;

    public static bool HasPowerOfTwoActivationScales => true;

    public static int HeaderByteSize => 64;

    public static int BlockByteSize => 32 * TGroups.CountPerBlock;

    public static int GroupsByteSize => 16 * TGroups.CountPerBlock;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Pack(in BlockParts parts, int row, Span<byte> superBlock, Span<ulong> groups)
    {
        Span<Half> header = MemoryMarshal.Cast<byte, Half>(superBlock);
        header[row] = parts.Scale;
        header[16 + row] = parts.Offset;
        for (int eight = 0; eight < TGroups.CountPerBlock; eight++)
        {
            int index = 2 * ByteTransposer.RowCount * eight + ByteTransposer.IndexOf(row);
            groups[index] = MemoryMarshal.Read<ulong>(MemoryMarshal.AsBytes(parts.GroupScales.Slice(8 * eight, 8)));
            groups[index + ByteTransposer.RowCount] = MemoryMarshal.Read<ulong>(parts.GroupOffsets.Slice(8 * eight, 8));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void PackGroups(ReadOnlySpan<ulong> groups, Span<byte> superBlock)
    {
        for (int eight = 0; eight < TGroups.CountPerBlock; eight++)
        {
            ReadOnlySpan<ulong> rows = groups.Slice(2 * ByteTransposer.RowCount * eight, 2 * ByteTransposer.RowCount);
            Span<byte> parts = superBlock.Slice(64 + 8 * 32 * eight, 8 * 32);
            ByteTransposer.Transpose(rows[..ByteTransposer.RowCount], parts, 32);
            ByteTransposer.Transpose(rows[ByteTransposer.RowCount..], parts[16..], 32);
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
        => TTier.LoadHalves(in Unsafe.Add(ref Unsafe.AsRef(in header), 32 + 2 * firstRow));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Scale<TTier, V>(V headerScale, ref readonly byte block, int group, int firstRow)
        where TTier : struct, ITier<V>
        where V : struct
        => group == 1 && typeof(TGroups) == typeof(GroupsOf32)
            ? default
            : TTier.Multiply(headerScale, TTier.LoadBytesAsFloats(in Unsafe.Add(ref Unsafe.AsRef(in block), 32 * group + firstRow)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Offset<TTier, V>(V headerOffset, ref readonly byte block, int group, int firstRow)
        where TTier : struct, ITier<V>
        where V : struct
        => group == 1 && typeof(TGroups) == typeof(GroupsOf32)
            ? default
            : TTier.Multiply(headerOffset, TTier.LoadBytesAsFloats(in Unsafe.Add(ref Unsafe.AsRef(in block), 32 * group + 16 + firstRow)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Add<TCodes, TTier, V>(
        V sum, V c0, V c1, V c2, V c3, V c4, V c5, V c6, V c7, V scale0, V offset0, V scale1, V offset1,
        ref sbyte values, ref float factors, ref int corrections, ref float scaledSums, int token)
        where TCodes : struct, ICodes
        where TTier : struct, ITier<V>
        where V : struct
        => TGroups.AddOffset<TCodes, TTier, V>(
            sum, c0, c1, c2, c3, c4, c5, c6, c7, scale0, offset0, scale1, offset1, ref values, ref factors, ref scaledSums, token);
}
