using Llama2.Quantization;

namespace Llama2.Kernels;

/// <summary>
/// How a panel stores the scales and offsets of its 16 rows. They are stored separately from the codes, in the same order: for each super-block of
/// <see cref="BlocksPerSuperBlock"/> blocks of 32 columns, a header, then the parts of each block.
/// </summary>
internal interface IScales
{
    /// <summary>The number of groups in a block, each of which has its own scale: 1 group of 32 columns, or 2 groups of 16.</summary>
    static abstract int GroupsPerBlock { get; }

    /// <summary>The number of blocks of 32 columns that share a header: 1 or 8.</summary>
    static abstract int BlocksPerSuperBlock { get; }

    /// <summary>Whether a group has an offset. In formats without offsets, the codes are centred: the middle of their range stands for 0.</summary>
    static abstract bool HasOffset { get; }

    /// <summary>Whether the scales of activations are powers of two (<see cref="ActivationTile.Bases"/>) in products with the format's weights.</summary>
    static abstract bool HasPowerOfTwoActivationScales { get; }

    static abstract int HeaderByteSize { get; }

    static abstract int BlockByteSize { get; }

    /// <summary>The size in bytes of the groups of one row of a super-block: a multiple of 8, or 0.</summary>
    static virtual int GroupsByteSize => 0;

    /// <summary>Writes the half-precision numbers of one row of a super-block, and gathers the bytes of its groups.</summary>
    /// <param name="parts">The scales of the row, from one block of the file's format. Such a block is as long as a super-block.</param>
    /// <param name="row">The row in the panel, 0–15.</param>
    /// <param name="superBlock">Receives the scales: the header of the super-block and the parts of its blocks.</param>
    /// <param name="groups">Receives the bytes of the groups for <see cref="PackGroups"/>: for each 8 of them, 16 numbers, one for each row.</param>
    static abstract void Pack(in BlockParts parts, int row, Span<byte> superBlock, Span<ulong> groups);

    /// <summary>Writes the groups of all rows.</summary>
    /// <param name="groups">The bytes that <see cref="Pack"/> gathered.</param>
    /// <param name="superBlock">Receives the parts of the blocks.</param>
    static virtual void PackGroups(ReadOnlySpan<ulong> groups, Span<byte> superBlock)
    {
    }

    /// <summary>The part of the scale that a super-block's blocks share.</summary>
    static abstract V HeaderScale<TTier, V>(ref readonly byte header, int firstRow)
        where TTier : struct, ITier<V>
        where V : struct;

    /// <summary>The part of the offset that a super-block's blocks share.</summary>
    static abstract V HeaderOffset<TTier, V>(ref readonly byte header, int firstRow)
        where TTier : struct, ITier<V>
        where V : struct;

    /// <summary>The scales of the group with the number <paramref name="group"/> (0 or 1) in a block.</summary>
    static abstract V Scale<TTier, V>(V headerScale, ref readonly byte block, int group, int firstRow)
        where TTier : struct, ITier<V>
        where V : struct;

    /// <summary>The offsets of the group with the number <paramref name="group"/> (0 or 1) in a block.</summary>
    static abstract V Offset<TTier, V>(V headerOffset, ref readonly byte block, int group, int firstRow)
        where TTier : struct, ITier<V>
        where V : struct;

    /// <summary>Adds one block to the sum of one token; the arguments are those of <see cref="IGroups"/>.</summary>
    static abstract V Add<TCodes, TTier, V>(
        V sum, V c0, V c1, V c2, V c3, V c4, V c5, V c6, V c7, V scale0, V offset0, V scale1, V offset1,
        ref sbyte values, ref float factors, ref int corrections, ref float scaledSums, int token)
        where TCodes : struct, ICodes
        where TTier : struct, ITier<V>
        where V : struct;
}
