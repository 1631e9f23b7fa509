using System.Runtime.CompilerServices;

namespace Llama2.Quantization;

/// <summary>The parts of one unpacked block; <see cref="IBlockFormat"/> defines how weights are computed from them.</summary>
internal ref struct BlockParts
{
    /// <summary>The maximum number of weights in a block of any format.</summary>
    public const int MaxBlockLength = 256;

    /// <summary>The maximum number of groups in a block of any format: 256 weights in groups of 16.</summary>
    public const int MaxGroupCount = 16;

    /// <summary>One code for each weight, in the order of the weights; length 256.</summary>
    public Span<byte> Codes;

    /// <summary>One signed integer factor of <see cref="Scale"/> for each group; length 16. 1 if the format has none.</summary>
    public Span<sbyte> GroupScales;

    /// <summary>One integer factor of <see cref="Offset"/> for each group; length 16. 1 if the format has none.</summary>
    public Span<byte> GroupOffsets;

    /// <summary>The block's scale.</summary>
    public Half Scale;

    /// <summary>The block's offset, subtracted (so a format that adds a minimum stores its negation); zero if the format has none.</summary>
    public Half Offset;

    /// <summary>Whether the block's weights are finite. Only scale and offset matter, because the other parts are small integers.</summary>
    public readonly bool IsFinite
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Half.IsFinite(Scale) && Half.IsFinite(Offset);
    }
}
