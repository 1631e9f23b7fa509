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

    /// <summary>
    /// For each group, the signed integer by which <see cref="Scale"/> is multiplied; length 16. All are 1 if the format has no group scales.
    /// </summary>
    public Span<sbyte> GroupScales;

    /// <summary>
    /// For each group, the integer by which <see cref="Offset"/> is multiplied; length 16. All are 1 if the format has no group offsets.
    /// </summary>
    public Span<byte> GroupOffsets;

    /// <summary>The block's scale.</summary>
    public Half Scale;

    /// <summary>
    /// The block's offset, which is subtracted. In a format that stores a minimum, which is added, the offset is the negated minimum. Zero if the
    /// format has no offset.
    /// </summary>
    public Half Offset;

    /// <summary>
    /// Whether the block's weights are finite. Only the scale and the offset are checked, because the other parts are small integers.
    /// </summary>
    public readonly bool IsFinite
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Half.IsFinite(Scale) && Half.IsFinite(Offset);
    }
}
