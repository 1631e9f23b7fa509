using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Llama2.Evaluation.Data.Parquet;

/// <summary>Texts in UTF-8: the size of each in four bytes, then its bytes. They are not copied out of the page.</summary>
internal sealed class TextValues(ParquetLimits limits) : ColumnValuesOf<ReadOnlyMemory<byte>>
{
    private const int DeltaLengthByteArray = 6;

    public override ColumnValues CreateEmpty() => new TextValues(limits);

    public override void AddPlain(ReadOnlyMemory<byte> bytes, int count)
    {
        RequireSize(bytes, 4L * count);
        Items.EnsureCapacity(Items.Count + count);
        for (int i = 0; i < count; i++)
        {
            RequireSize(bytes, 4);
            uint length = BinaryPrimitives.ReadUInt32LittleEndian(bytes.Span);
            RequireSize(bytes, 4L + length);
            Items.Add(bytes.Slice(4, (int)length));
            bytes = bytes[(4 + (int)length)..];
        }
    }

    // All lengths come first, in the encoding of whole numbers.
    public override void AddEncoded(int encoding, ReadOnlyMemory<byte> bytes, int count)
    {
        if (encoding != DeltaLengthByteArray)
        {
            base.AddEncoded(encoding, bytes, count);
            return;
        }

        long[] lengths = DeltaNumbers.Decode(bytes.Span, count, out int position);
        bytes = bytes[position..];
        foreach (long length in lengths)
        {
            if (length < 0 || length > bytes.Length)
                throw new FormatException("a page has fewer values than its header states");
            Items.Add(bytes[..(int)length]);
            bytes = bytes[(int)length..];
        }
    }

    public override void Write(Utf8JsonWriter json, int index)
    {
        ReadOnlySpan<byte> text = Items[index].Span;
        if (text.Length > limits.MaxRowByteSize || (text.Length > limits.MaxTextLength && Encoding.UTF8.GetCharCount(text) > limits.MaxTextLength))
            throw new FormatException($"a text has more than {limits.MaxTextLength} characters; {limits.Remedy(nameof(limits.MaxTextLength))}");
        if (!Utf8.IsValid(text))
            throw new FormatException("a value is not text in UTF-8; columns of other bytes, such as images, are not supported");
        json.WriteStringValue(text);
    }
}
