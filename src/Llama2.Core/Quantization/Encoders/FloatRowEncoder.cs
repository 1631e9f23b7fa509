namespace Llama2.Quantization.Encoders;

/// <summary>Encodes rows as F32, F16 or BF16: each weight is rounded to the nearest number, and to the even one if two are equally near.</summary>
internal sealed class FloatRowEncoder<TFormat> : RowEncoder
    where TFormat : struct, IFloatFormat
{
    public override bool TryEncode(ReadOnlySpan<float> row, ReadOnlySpan<float> importance, Span<byte> blocks)
    {
        TFormat.Encode(row, blocks);
        return TFormat.AreFinite(blocks);
    }
}
