using System.Text;

namespace Llama2.Tests.Quantization;

/// <summary>The first two rows of one tensor in a golden GGUF file, found by a simple parser that trusts the file.</summary>
internal sealed record GoldenTensor(GgmlType Type, int ColumnCount, byte[] DataFromFirstRow)
{
    private const uint StringType = 8, ArrayType = 9;

    /// <summary>The bytes of a scalar value for each GGUF value type; strings and arrays are parsed separately.</summary>
    private static readonly int[] s_valueSizes = [1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8];

    public static GoldenTensor Read(string path, string tensorName)
    {
        using var reader = new BinaryReader(File.OpenRead(path));
        reader.ReadUInt32().Should().Be(0x46554747, "the file begins with GGUF");
        reader.ReadUInt32();
        ulong tensorCount = reader.ReadUInt64(), metadataCount = reader.ReadUInt64();
        for (ulong i = 0; i < metadataCount; i++)
        {
            ReadString(reader).Should().NotBe("general.alignment", "this parser supports only the default alignment");
            SkipValue(reader, reader.ReadUInt32());
        }

        (GgmlType Type, int ColumnCount, long Offset)? found = null;
        for (ulong i = 0; i < tensorCount; i++)
        {
            string name = ReadString(reader);
            long[] dimensions = [.. Enumerable.Range(0, (int)reader.ReadUInt32()).Select(_ => reader.ReadInt64())];
            var type = (GgmlType)reader.ReadInt32();
            long offset = reader.ReadInt64();
            if (name == tensorName)
                found = (type, (int)dimensions[0], offset);
        }

        (GgmlType tensorType, int columnCount, long tensorOffset) = found!.Value;
        long dataStart = (reader.BaseStream.Position + 31) / 32 * 32;
        reader.BaseStream.Position = dataStart + tensorOffset;
        return new GoldenTensor(tensorType, columnCount, reader.ReadBytes(2 * columnCount * sizeof(float)));
    }

    private static string ReadString(BinaryReader reader) => Encoding.UTF8.GetString(reader.ReadBytes((int)reader.ReadUInt64()));

    private static void SkipValue(BinaryReader reader, uint type)
    {
        if (type == StringType)
        {
            ReadString(reader);
        }
        else if (type == ArrayType)
        {
            uint elementType = reader.ReadUInt32();
            for (ulong count = reader.ReadUInt64(); count > 0; count--)
                SkipValue(reader, elementType);
        }
        else
        {
            reader.BaseStream.Position += s_valueSizes[type];
        }
    }
}
