using System.Diagnostics;
using System.Runtime.Intrinsics;

namespace Llama2.Quantization;

/// <summary>
/// A quantized format. All of GGML's block formats say one sentence: a weight of group g is
/// <c>(Scale · GroupScale[g]) · (Code − Bias) − (Offset · GroupOffset[g])</c>, with unsigned integer codes.
/// A format's file knows where its bits lie and nothing else: no loop over rows, no instruction set.
/// </summary>
internal interface IBlockFormat : IWeightFormat
{
    /// <summary>Weights that share a group scale: 16 or 32.</summary>
    static abstract int GroupLength { get; }

    /// <summary>Subtracted from every code.</summary>
    static abstract int Bias { get; }

    /// <summary>The largest code.</summary>
    static abstract int MaxCode { get; }

    /// <summary>Takes everything but the codes from one block, without loss.</summary>
    /// <param name="block">Exactly <see cref="IWeightFormat.BlockByteSize"/> bytes.</param>
    /// <param name="parts">Receives every part but the codes; its spans are long enough for any format.</param>
    static abstract void UnpackScales(ReadOnlySpan<byte> block, ref BlockParts parts);

    /// <summary>Takes the codes from one block.</summary>
    /// <param name="block">Exactly <see cref="IWeightFormat.BlockByteSize"/> bytes.</param>
    /// <param name="codes">Receives one code a weight, in the order of the weights; length 256.</param>
    static abstract void UnpackCodes(ReadOnlySpan<byte> block, Span<byte> codes);

    /// <summary>Whether a code, or its index among <see cref="NonlinearCodes"/>, is four bits, so that <see cref="Nibbles"/> has them.</summary>
    static virtual bool HasNibbles => false;

    /// <summary>
    /// The codes of 32 weights of one block, or their indices: low nibbles = weights 0-15, high nibbles = weights 16-31. A model's load takes
    /// them as they are.
    /// </summary>
    /// <param name="block">Exactly <see cref="IWeightFormat.BlockByteSize"/> bytes.</param>
    /// <param name="group">Which 32 weights.</param>
    static virtual Vector128<byte> Nibbles(ReadOnlySpan<byte> block, int group) => throw new UnreachableException();

    /// <summary>Puts one block together: the reverse of <see cref="UnpackScales"/> and <see cref="UnpackCodes"/>, bit for bit.</summary>
    /// <param name="parts">Every part in its range; what the format has not is not read.</param>
    /// <param name="block">Exactly <see cref="IWeightFormat.BlockByteSize"/> bytes, all written.</param>
    static abstract void Pack(in BlockParts parts, Span<byte> block);
}
