namespace Llama2.Quantization;

/// <summary>An unquantized format: each block is one weight, a floating-point number.</summary>
internal interface IFloatFormat : IWeightFormat
{
    /// <summary>A mask of the bits of a weight's exponent, which are all set in an infinity and in a NaN.</summary>
    static abstract uint Exponent { get; }

    /// <summary>Encodes weights. Each is rounded to the nearest number of the format, and to the even one if two are equally near.</summary>
    /// <param name="weights">The weights.</param>
    /// <param name="blocks">Receives the encoded weights. Weights that are too large become infinities.</param>
    static abstract void Encode(ReadOnlySpan<float> weights, Span<byte> blocks);

    /// <summary>Writes a weight of a model with random weights; how its last bit is rounded does not matter.</summary>
    static abstract void Write(float weight, Span<byte> block);
}
