namespace Llama2.Quantization;

/// <summary>The formats that this library reads, found by GGML's number: the one switch over them that decodes.</summary>
internal static class WeightFormats
{
    /// <summary>Every format that <see cref="Dequantize"/> takes.</summary>
    public static IReadOnlyList<GgmlType> Supported { get; } =
    [
        GgmlType.F32, GgmlType.F16, GgmlType.BF16, GgmlType.Q4_0, GgmlType.Q4_1, GgmlType.Q5_0, GgmlType.Q5_1, GgmlType.Q8_0,
        GgmlType.Q2_K, GgmlType.Q3_K, GgmlType.Q4_K, GgmlType.Q5_K, GgmlType.Q6_K, GgmlType.IQ4_NL, GgmlType.IQ4_XS,
    ];

    /// <summary>Decodes whole rows, bit for bit as GGML does.</summary>
    /// <param name="type">How the rows are stored.</param>
    /// <param name="rows">A whole number of blocks.</param>
    /// <param name="weights">Receives every weight of the rows; exactly as many as the blocks hold.</param>
    /// <exception cref="ArgumentException">The bytes are not whole blocks, or the weights are not as many as the blocks hold.</exception>
    /// <exception cref="UnsupportedWeightFormatException"><paramref name="type"/> is none of <see cref="Supported"/>.</exception>
    public static void Dequantize(GgmlType type, ReadOnlySpan<byte> rows, Span<float> weights)
    {
        switch (type)
        {
            case GgmlType.F32: F32.Dequantize(rows, weights); break;
            case GgmlType.F16: F16.Dequantize(rows, weights); break;
            case GgmlType.BF16: BF16.Dequantize(rows, weights); break;
            case GgmlType.Q4_0: Q4_0.Dequantize(rows, weights); break;
            case GgmlType.Q4_1: Q4_1.Dequantize(rows, weights); break;
            case GgmlType.Q5_0: Q5_0.Dequantize(rows, weights); break;
            case GgmlType.Q5_1: Q5_1.Dequantize(rows, weights); break;
            case GgmlType.Q8_0: Q8_0.Dequantize(rows, weights); break;
            case GgmlType.Q2_K: Q2_K.Dequantize(rows, weights); break;
            case GgmlType.Q3_K: Q3_K.Dequantize(rows, weights); break;
            case GgmlType.Q4_K: Q4_K.Dequantize(rows, weights); break;
            case GgmlType.Q5_K: Q5_K.Dequantize(rows, weights); break;
            case GgmlType.Q6_K: Q6_K.Dequantize(rows, weights); break;
            case GgmlType.IQ4_NL: IQ4_NL.Dequantize(rows, weights); break;
            case GgmlType.IQ4_XS: IQ4_XS.Dequantize(rows, weights); break;
            default: throw new UnsupportedWeightFormatException(type, Supported);
        }
    }
}
