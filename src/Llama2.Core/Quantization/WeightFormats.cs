using Llama2.Quantization.Encoders;

namespace Llama2.Quantization;

/// <summary>
/// The table of the formats that this library supports: each line names the class of a format and its encoding.
/// <see cref="Tensors.WeightMatrixFactory"/> creates the matrices that the kernels multiply.
/// </summary>
internal static class WeightFormats
{
    /// <summary>Every format of the table, in the order of GGML's numbers.</summary>
    public static IReadOnlyList<GgmlType> Supported => Array.FindAll(Enum.GetValues<GgmlType>(), IsSupported);

    /// <summary>Whether the table contains a type.</summary>
    public static bool IsSupported(GgmlType type) => Find(type) is not null;

    /// <summary>The format of a type.</summary>
    /// <exception cref="UnsupportedWeightFormatException"><paramref name="type"/> is not in <see cref="Supported"/>.</exception>
    public static WeightFormat Of(GgmlType type) => Find(type) ?? throw new UnsupportedWeightFormatException(type, Supported);

    /// <summary>Decodes whole rows, bit for bit as GGML does.</summary>
    /// <param name="type">The format of the rows.</param>
    /// <param name="rows">A whole number of blocks.</param>
    /// <param name="weights">Receives the weights; its length must be exactly the number of weights in the blocks.</param>
    /// <exception cref="ArgumentException">
    /// The bytes are not whole blocks, or the span <paramref name="weights"/> does not have exactly the length that the blocks require.
    /// </exception>
    /// <exception cref="UnsupportedWeightFormatException"><paramref name="type"/> is not in <see cref="Supported"/>.</exception>
    public static void Dequantize(GgmlType type, ReadOnlySpan<byte> rows, Span<float> weights) => Of(type).Dequantize(rows, weights);

    /// <summary>Whether all weights of whole rows are finite. This takes a fraction of the time that decoding the rows would take.</summary>
    /// <param name="type">The format of the rows.</param>
    /// <param name="rows">A whole number of blocks.</param>
    /// <exception cref="ArgumentException">The bytes are not whole blocks.</exception>
    /// <exception cref="UnsupportedWeightFormatException"><paramref name="type"/> is not in <see cref="Supported"/>.</exception>
    public static bool AreFinite(GgmlType type, ReadOnlySpan<byte> rows) => Of(type).AreFinite(rows);

    // This is a switch and not a list, so that a process initializes only the formats that its models use.
    private static WeightFormat? Find(GgmlType type) => type switch
    {
        GgmlType.F32 => FloatWeightFormat<F32>.Instance,
        GgmlType.F16 => FloatWeightFormat<F16>.Instance,
        GgmlType.BF16 => FloatWeightFormat<BF16>.Instance,
        GgmlType.Q4_0 => BlockWeightFormat<Q4_0, SignedBlocks<Q4_0>>.Instance,
        GgmlType.Q4_1 => BlockWeightFormat<Q4_1, OffsetBlocks<Q4_1>>.Instance,
        GgmlType.Q5_0 => BlockWeightFormat<Q5_0, SignedBlocks<Q5_0>>.Instance,
        GgmlType.Q5_1 => BlockWeightFormat<Q5_1, OffsetBlocks<Q5_1>>.Instance,
        GgmlType.Q8_0 => BlockWeightFormat<Q8_0, ByteBlocks>.Instance,
        GgmlType.Q2_K => BlockWeightFormat<Q2_K, OffsetSuperBlocks<Q2_K>>.Instance,
        GgmlType.Q3_K => BlockWeightFormat<Q3_K, Q3_KEncoding>.Instance,
        GgmlType.Q4_K => BlockWeightFormat<Q4_K, OffsetSuperBlocks<Q4_K>>.Instance,
        GgmlType.Q5_K => BlockWeightFormat<Q5_K, OffsetSuperBlocks<Q5_K>>.Instance,
        GgmlType.Q6_K => BlockWeightFormat<Q6_K, Q6_KEncoding>.Instance,
        GgmlType.IQ4_NL => BlockWeightFormat<IQ4_NL, NonlinearBlocks<IQ4_NL>>.Instance,
        GgmlType.IQ4_XS => BlockWeightFormat<IQ4_XS, NonlinearBlocks<IQ4_XS>>.Instance,
        _ => null,
    };
}
