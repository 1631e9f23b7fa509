namespace Llama2.Quantization;

/// <summary>An unquantized format: blocks of one weight, a floating-point number.</summary>
internal interface IFloatFormat : IWeightFormat
{
    /// <summary>The bits of a weight's exponent, which are all set in an infinity and in a NaN.</summary>
    static abstract uint Exponent { get; }
}
