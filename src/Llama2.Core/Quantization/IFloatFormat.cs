namespace Llama2.Quantization;

/// <summary>An unquantized format: blocks of one weight, a floating-point number.</summary>
internal interface IFloatFormat : IWeightFormat
{
    /// <summary>The bits of a weight's exponent, which are all set in an infinity and in a NaN.</summary>
    static abstract uint Exponent { get; }

    /// <summary>Encodes weights, rounded to nearest, ties to even.</summary>
    /// <param name="weights">The weights.</param>
    /// <param name="blocks">Receives them; those that are too large become infinities.</param>
    static abstract void Encode(ReadOnlySpan<float> weights, Span<byte> blocks);

    /// <summary>Writes a weight of a random model; how its last bit is rounded does not matter.</summary>
    static abstract void Write(float weight, Span<byte> block);
}
