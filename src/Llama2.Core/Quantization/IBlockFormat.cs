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

    /// <summary>Takes one block apart, without loss.</summary>
    /// <param name="block">Exactly <see cref="IWeightFormat.BlockByteSize"/> bytes.</param>
    /// <param name="parts">Receives every part; spans of <paramref name="parts"/> are long enough for any format.</param>
    static abstract void Unpack(ReadOnlySpan<byte> block, ref BlockParts parts);

    /// <summary>Puts one block together: the reverse of <see cref="Unpack"/>, bit for bit.</summary>
    /// <param name="parts">Every part in its range; what the format has not is not read.</param>
    /// <param name="block">Exactly <see cref="IWeightFormat.BlockByteSize"/> bytes, all written.</param>
    static abstract void Pack(in BlockParts parts, Span<byte> block);
}
