using System.Buffers.Binary;
using Llama2.Quantization.Encoders;

namespace Llama2.Quantization;

/// <summary>A block format as a <see cref="WeightFormat"/> object.</summary>
/// <typeparam name="TFormat">The format.</typeparam>
/// <typeparam name="TEncoding">How weights are encoded as blocks of this format.</typeparam>
internal sealed class BlockWeightFormat<TFormat, TEncoding> : WeightFormat
    where TFormat : struct, IBlockFormat
    where TEncoding : struct, IEncoding
{
    public static readonly WeightFormat Instance = new BlockWeightFormat<TFormat, TEncoding>();

    public override GgmlType ShortRowType => TFormat.ShortRowType;

    public override RowCodes Codes => BlockRowCodes<TFormat>.Instance;

    public override void Dequantize(ReadOnlySpan<byte> rows, Span<float> weights) => TFormat.Dequantize(rows, weights);

    public override bool AreFinite(ReadOnlySpan<byte> rows) => TFormat.AreFinite(rows);

    public override RowEncoder CreateEncoder() => new BlockRowEncoder<TFormat, TEncoding>();

    // Any bytes are valid codes and group scales. Only the block's scale and offset are set, because they determine the magnitude of the weights.
    public override void MakeRandom(Span<byte> block, float weight, float magnitude)
    {
        foreach (byte offset in TFormat.HalfOffsets)
        {
            BinaryPrimitives.WriteHalfLittleEndian(block[offset..], (Half)(magnitude / TFormat.UnitMagnitude));
        }
    }
}
