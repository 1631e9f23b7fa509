namespace Llama2.Quantization.Encoders;

/// <summary>Encodes rows of weights in one format. Holds scratch memory, so each thread has its own.</summary>
internal abstract class RowEncoder
{
    /// <summary>Creates an encoder for any format that this library reads.</summary>
    /// <exception cref="UnsupportedWeightFormatException">This library does not support the format.</exception>
    public static RowEncoder Create(GgmlType type) => type switch
    {
        GgmlType.F32 or GgmlType.F16 or GgmlType.BF16 => new FloatRowEncoder(type),
        GgmlType.Q4_0 => new BlockRowEncoder<Q4_0, SignedBlocks<Q4_0>>(),
        GgmlType.Q4_1 => new BlockRowEncoder<Q4_1, OffsetBlocks<Q4_1>>(),
        GgmlType.Q5_0 => new BlockRowEncoder<Q5_0, SignedBlocks<Q5_0>>(),
        GgmlType.Q5_1 => new BlockRowEncoder<Q5_1, OffsetBlocks<Q5_1>>(),
        GgmlType.Q8_0 => new BlockRowEncoder<Q8_0, ByteBlocks>(),
        GgmlType.Q2_K => new BlockRowEncoder<Q2_K, OffsetSuperBlocks<Q2_K>>(),
        GgmlType.Q3_K => new BlockRowEncoder<Q3_K, Q3_KEncoding>(),
        GgmlType.Q4_K => new BlockRowEncoder<Q4_K, OffsetSuperBlocks<Q4_K>>(),
        GgmlType.Q5_K => new BlockRowEncoder<Q5_K, OffsetSuperBlocks<Q5_K>>(),
        GgmlType.Q6_K => new BlockRowEncoder<Q6_K, Q6_KEncoding>(),
        GgmlType.IQ4_NL => new BlockRowEncoder<IQ4_NL, NonlinearBlocks<IQ4_NL>>(),
        GgmlType.IQ4_XS => new BlockRowEncoder<IQ4_XS, NonlinearBlocks<IQ4_XS>>(),
        _ => throw new UnsupportedWeightFormatException(type, WeightFormats.Supported),
    };

    /// <summary>Encodes one row.</summary>
    /// <param name="row">Finite weights, a whole number of blocks.</param>
    /// <param name="importance">The importance of each column's errors, finite and 0 or more; empty if all are equal.</param>
    /// <param name="blocks">Receives the row's blocks, exactly as many bytes as the blocks take.</param>
    /// <returns>False if a weight, or a scale, is too large for the format.</returns>
    public abstract bool TryEncode(ReadOnlySpan<float> row, ReadOnlySpan<float> importance, Span<byte> blocks);
}
