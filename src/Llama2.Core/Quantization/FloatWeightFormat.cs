using Llama2.Quantization.Encoders;

namespace Llama2.Quantization;

/// <summary>An unquantized format as a <see cref="WeightFormat"/> object.</summary>
/// <typeparam name="TFormat">The format.</typeparam>
internal sealed class FloatWeightFormat<TFormat> : WeightFormat
    where TFormat : struct, IFloatFormat
{
    public static readonly WeightFormat Instance = new FloatWeightFormat<TFormat>();

    public override GgmlType ShortRowType => TFormat.Type;

    public override RowCodes? Codes => null;

    public override void Dequantize(ReadOnlySpan<byte> rows, Span<float> weights) => TFormat.Dequantize(rows, weights);

    public override bool AreFinite(ReadOnlySpan<byte> rows) => TFormat.AreFinite(rows);

    public override RowEncoder CreateEncoder() => new FloatRowEncoder<TFormat>();

    public override void MakeRandom(Span<byte> block, float weight, float magnitude) => TFormat.Write(weight, block);
}
