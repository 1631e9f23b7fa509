using System.Buffers.Binary;
using System.Text.Json;
using Llama2.Templating.Characters;

namespace Llama2.Evaluation.Data.Parquet;

/// <summary>
/// Numbers in floating point, little endian. Numbers in single precision are widened, as Hugging Face's library does. JSON has no NaN: it becomes null,
/// because tables of pandas have NaN in place of a missing number.
/// </summary>
/// <param name="byteSize">The size of a number: 4 or 8.</param>
internal sealed class FloatValues(int byteSize) : ColumnValuesOf<double>
{
    private const int ByteStreamSplit = 9;

    public override ColumnValues CreateEmpty() => new FloatValues(byteSize);

    public override void AddPlain(ReadOnlyMemory<byte> bytes, int count)
    {
        RequireSize(bytes, (long)count * byteSize);
        Items.EnsureCapacity(Items.Count + count);
        for (int i = 0; i < count; i++)
            Items.Add(Number(bytes.Span.Slice(i * byteSize, byteSize)));
    }

    // The first bytes of all numbers come first, then their second bytes, and so on.
    public override void AddEncoded(int encoding, ReadOnlyMemory<byte> bytes, int count)
    {
        if (encoding != ByteStreamSplit)
        {
            base.AddEncoded(encoding, bytes, count);
            return;
        }

        RequireSize(bytes, (long)count * byteSize);
        Span<byte> number = stackalloc byte[byteSize];
        for (int i = 0; i < count; i++)
        {
            for (int part = 0; part < byteSize; part++)
                number[part] = bytes.Span[(part * count) + i];
            Items.Add(Number(number));
        }
    }

    public override void Write(Utf8JsonWriter json, int index)
    {
        double value = Items[index];
        if (double.IsNaN(value))
            json.WriteNullValue();
        else
            json.WriteRawValue(DoubleText.Shortest(double.IsFinite(value) ? value : throw new FormatException("a number is infinite, which JSON cannot state")), skipInputValidation: true);
    }

    private double Number(ReadOnlySpan<byte> bytes) =>
        byteSize == 8 ? BinaryPrimitives.ReadDoubleLittleEndian(bytes) : BinaryPrimitives.ReadSingleLittleEndian(bytes);
}
