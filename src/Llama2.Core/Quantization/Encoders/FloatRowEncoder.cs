namespace Llama2.Quantization.Encoders;

/// <summary>F32, F16 and BF16: each weight is rounded to nearest, ties to even.</summary>
internal sealed class FloatRowEncoder<TFormat> : RowEncoder
    where TFormat : struct, IFloatFormat
{
    public override bool TryEncode(ReadOnlySpan<float> row, ReadOnlySpan<float> importance, Span<byte> blocks)
    {
        TFormat.Encode(row, blocks);
        return TFormat.AreFinite(blocks);
    }
}
