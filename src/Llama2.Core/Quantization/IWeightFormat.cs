namespace Llama2.Quantization;

/// <summary>A format of weights: each block contains a fixed number of weights in a fixed number of bytes.</summary>
internal interface IWeightFormat
{
    static abstract GgmlType Type { get; }

    /// <summary>The number of weights in a block; the length of a row is a multiple of this number.</summary>
    static abstract int BlockLength { get; }

    /// <summary>The size of a block in bytes.</summary>
    static abstract int BlockByteSize { get; }

    /// <summary>Decodes whole blocks, bit for bit as GGML does.</summary>
    /// <param name="blocks">A whole number of blocks.</param>
    /// <param name="weights">Receives <see cref="BlockLength"/> weights for each block.</param>
    static abstract void Dequantize(ReadOnlySpan<byte> blocks, Span<float> weights);

    /// <summary>Whether all weights are finite.</summary>
    /// <param name="blocks">A whole number of blocks.</param>
    static abstract bool AreFinite(ReadOnlySpan<byte> blocks);
}
