namespace Llama2.Quantization;

/// <summary>The formats that this library reads, found by GGML's type. This is the only switch over formats for decoding.</summary>
internal static class WeightFormats
{
    /// <summary>Every format that <see cref="Dequantize"/> can decode.</summary>
    public static IReadOnlyList<GgmlType> Supported { get; } =
    [
        GgmlType.F32, GgmlType.F16, GgmlType.BF16, GgmlType.Q4_0, GgmlType.Q4_1, GgmlType.Q5_0, GgmlType.Q5_1, GgmlType.Q8_0,
        GgmlType.Q2_K, GgmlType.Q3_K, GgmlType.Q4_K, GgmlType.Q5_K, GgmlType.Q6_K, GgmlType.IQ4_NL, GgmlType.IQ4_XS,
    ];

    /// <summary>Decodes whole rows, bit for bit as GGML does.</summary>
    /// <param name="type">The format of the rows.</param>
    /// <param name="rows">A whole number of blocks.</param>
    /// <param name="weights">Receives every weight of the rows; exactly as many as the blocks hold.</param>
    /// <exception cref="ArgumentException">The bytes are not whole blocks, or the number of weights is not that of the blocks.</exception>
    /// <exception cref="UnsupportedWeightFormatException"><paramref name="type"/> is not one of <see cref="Supported"/>.</exception>
    public static void Dequantize(GgmlType type, ReadOnlySpan<byte> rows, Span<float> weights) => Find(type).Dequantize(rows, weights);

    /// <summary>Whether all weights of whole rows are finite; several times as fast as decoding them.</summary>
    /// <param name="type">The format of the rows.</param>
    /// <param name="rows">A whole number of blocks.</param>
    /// <exception cref="ArgumentException">The bytes are not whole blocks.</exception>
    /// <exception cref="UnsupportedWeightFormatException"><paramref name="type"/> is not one of <see cref="Supported"/>.</exception>
    public static bool AreFinite(GgmlType type, ReadOnlySpan<byte> rows) => Find(type).AreFinite(rows);

    private static WeightFormat Find(GgmlType type) => type switch
    {
        GgmlType.F32 => WeightFormat<F32>.Instance,
        GgmlType.F16 => WeightFormat<F16>.Instance,
        GgmlType.BF16 => WeightFormat<BF16>.Instance,
        GgmlType.Q4_0 => WeightFormat<Q4_0>.Instance,
        GgmlType.Q4_1 => WeightFormat<Q4_1>.Instance,
        GgmlType.Q5_0 => WeightFormat<Q5_0>.Instance,
        GgmlType.Q5_1 => WeightFormat<Q5_1>.Instance,
        GgmlType.Q8_0 => WeightFormat<Q8_0>.Instance,
        GgmlType.Q2_K => WeightFormat<Q2_K>.Instance,
        GgmlType.Q3_K => WeightFormat<Q3_K>.Instance,
        GgmlType.Q4_K => WeightFormat<Q4_K>.Instance,
        GgmlType.Q5_K => WeightFormat<Q5_K>.Instance,
        GgmlType.Q6_K => WeightFormat<Q6_K>.Instance,
        GgmlType.IQ4_NL => WeightFormat<IQ4_NL>.Instance,
        GgmlType.IQ4_XS => WeightFormat<IQ4_XS>.Instance,
        _ => throw new UnsupportedWeightFormatException(type, Supported),
    };

    // A format as an object, so that a single switch is enough for all operations.
    private abstract class WeightFormat
    {
        public abstract void Dequantize(ReadOnlySpan<byte> rows, Span<float> weights);

        public abstract bool AreFinite(ReadOnlySpan<byte> rows);
    }

    private sealed class WeightFormat<TFormat> : WeightFormat
        where TFormat : struct, IWeightFormat
    {
        public static readonly WeightFormat Instance = new WeightFormat<TFormat>();

        public override void Dequantize(ReadOnlySpan<byte> rows, Span<float> weights) => TFormat.Dequantize(rows, weights);

        public override bool AreFinite(ReadOnlySpan<byte> rows) => TFormat.AreFinite(rows);
    }
}
