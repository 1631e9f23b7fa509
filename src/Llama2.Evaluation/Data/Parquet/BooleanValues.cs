using System.Buffers.Binary;
using System.Text.Json;

namespace Llama2.Evaluation.Data.Parquet;

/// <summary>Truth values: one bit each, the first in the lowest bit.</summary>
internal sealed class BooleanValues : ColumnValuesOf<bool>
{
    private const int RunLength = 3;

    public override ColumnValues CreateEmpty() => new BooleanValues();

    public override void AddPlain(ReadOnlyMemory<byte> bytes, int count)
    {
        RequireSize(bytes, (count + 7L) / 8);
        ReadOnlySpan<byte> span = bytes.Span;
        for (int i = 0; i < count; i++)
            Items.Add(((span[i / 8] >> (i % 8)) & 1) != 0);
    }

    // The encoding RLE begins with the size of the runs in four bytes.
    public override void AddEncoded(int encoding, ReadOnlyMemory<byte> bytes, int count)
    {
        if (encoding != RunLength)
        {
            base.AddEncoded(encoding, bytes, count);
            return;
        }

        RequireSize(bytes, 4);
        uint byteSize = BinaryPrimitives.ReadUInt32LittleEndian(bytes.Span);
        RequireSize(bytes[4..], byteSize);
        int[] bits = new int[count];
        HybridRuns.Decode(bytes.Span.Slice(4, (int)byteSize), 1, bits);
        foreach (int bit in bits)
            Items.Add(bit != 0);
    }

    public override void Write(Utf8JsonWriter json, int index) => json.WriteBooleanValue(Items[index]);
}
