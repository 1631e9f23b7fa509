using System.Diagnostics;
using System.Runtime.Intrinsics;

namespace Llama2.Quantization;

/// <summary>
/// A quantized format. All of GGML's block formats use one formula: a weight of group g is <c>(Scale · GroupScale[g]) · (Code − Bias) − (Offset ·
/// GroupOffset[g])</c>, with unsigned integer codes. The source file of a format defines only where the bits are in a block. It contains no loops
/// over rows, and no code for particular instruction sets.
/// </summary>
internal interface IBlockFormat : IWeightFormat
{
    /// <summary>The number of weights that share a group scale: 16 or 32.</summary>
    static abstract int GroupLength { get; }

    /// <summary>The number that is subtracted from every code.</summary>
    static abstract int Bias { get; }

    /// <summary>The largest code.</summary>
    static abstract int MaxCode { get; }

    /// <summary>
    /// The offsets in bytes, within a block, of its half-precision numbers: the scale and, if the format has one, the offset of the weights.
    /// </summary>
    static abstract ReadOnlySpan<byte> HalfOffsets { get; }

    /// <summary>The approximate magnitude of the weights in a block of random bytes whose numbers at <see cref="HalfOffsets"/> are 1.</summary>
    static abstract float UnitMagnitude { get; }

    /// <summary>
    /// The format that replaces this one, when a model is quantized, for rows whose length is not a multiple of this format's block length. It has
    /// shorter blocks and about as many bits per weight, or is F16.
    /// </summary>
    static virtual GgmlType ShortRowType => GgmlType.F16;

    /// <summary>Unpacks everything except the codes from one block, without loss.</summary>
    /// <param name="block">Exactly <see cref="IWeightFormat.BlockByteSize"/> bytes.</param>
    /// <param name="parts">Receives every part except the codes; its spans are long enough for any format.</param>
    static abstract void UnpackScales(ReadOnlySpan<byte> block, ref BlockParts parts);

    /// <summary>Unpacks the codes of one block.</summary>
    /// <param name="block">Exactly <see cref="IWeightFormat.BlockByteSize"/> bytes.</param>
    /// <param name="codes">Receives one code for each weight, in the order of the weights; length 256.</param>
    static abstract void UnpackCodes(ReadOnlySpan<byte> block, Span<byte> codes);

    /// <summary>Whether the codes are those of <see cref="NonlinearCodes"/>; otherwise they are all integers from 0 to <see cref="MaxCode"/>.</summary>
    static virtual bool HasNonlinearCodes => false;

    /// <summary>
    /// Whether the blocks store each code, or its index in <see cref="NonlinearCodes"/>, in four consecutive bits. If so, <see cref="Nibbles"/> is
    /// implemented.
    /// </summary>
    static virtual bool HasNibbles => false;

    /// <summary>
    /// The codes of 32 weights of one block, or the indices of these codes: low nibbles = weights 0-15, high nibbles = weights 16-31. When a model is
    /// loaded, these nibbles are copied without being unpacked.
    /// </summary>
    /// <param name="block">Exactly <see cref="IWeightFormat.BlockByteSize"/> bytes.</param>
    /// <param name="group">The index of this group of 32 weights in the block.</param>
    static virtual Vector128<byte> Nibbles(ReadOnlySpan<byte> block, int group) => throw new UnreachableException();

    /// <summary>Packs one block: the reverse of <see cref="UnpackScales"/> and <see cref="UnpackCodes"/>, bit for bit.</summary>
    /// <param name="parts">The parts of the block. Each must be in its range; parts that the format does not have are ignored.</param>
    /// <param name="block">Exactly <see cref="IWeightFormat.BlockByteSize"/> bytes, all of which are overwritten.</param>
    static abstract void Pack(in BlockParts parts, Span<byte> block);
}
