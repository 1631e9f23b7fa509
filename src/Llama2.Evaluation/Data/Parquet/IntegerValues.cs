using System.Buffers.Binary;
using System.Text.Json;

namespace Llama2.Evaluation.Data.Parquet;

/// <summary>Whole numbers, little endian.</summary>
/// <param name="byteSize">The size of a number: 4 or 8.</param>
/// <param name="isUnsigned">Whether the highest bit is a part of the number.</param>
internal sealed class IntegerValues(int byteSize, bool isUnsigned) : ColumnValuesOf<long>
{
    private const int DeltaBinaryPacked = 5;

    public override ColumnValues CreateEmpty() => new IntegerValues(byteSize, isUnsigned);

    public override void AddPlain(ReadOnlyMemory<byte> bytes, int count)
    {
        RequireSize(bytes, (long)count * byteSize);
        Items.EnsureCapacity(Items.Count + count);
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<byte> value = bytes.Span.Slice(i * byteSize, byteSize);
            Items.Add(byteSize == 8 ? BinaryPrimitives.ReadInt64LittleEndian(value) : BinaryPrimitives.ReadInt32LittleEndian(value));
        }
    }

    public override void AddEncoded(int encoding, ReadOnlyMemory<byte> bytes, int count)
    {
        if (encoding != DeltaBinaryPacked)
        {
            base.AddEncoded(encoding, bytes, count);
            return;
        }

        foreach (long value in DeltaNumbers.Decode(bytes.Span, count, out _))
            Items.Add(byteSize == 8 ? value : (int)value);
    }

    public override void Write(Utf8JsonWriter json, int index)
    {
        if (!isUnsigned)
            json.WriteNumberValue(Items[index]);
        else
            json.WriteNumberValue(byteSize == 8 ? (ulong)Items[index] : (uint)Items[index]);
    }
}
