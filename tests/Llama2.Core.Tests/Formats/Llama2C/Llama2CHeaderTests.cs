using Llama2.Formats.Llama2C;
using Llama2.Tests.Conversion;
using Llama2.Tests.Formats.MetaCheckpoint;

namespace Llama2.Tests.Formats.Llama2C;

public class Llama2CHeaderTests
{
    private static readonly string[] s_names = ["dim", "hidden_dim", "n_layers", "n_heads", "n_kv_heads", "vocab_size", "seq_len"];

    public static TheoryData<string> Checkpoints => ["legacy", "version1", "version2-group16", "version2-group32"];

    [Theory]
    [MemberData(nameof(Checkpoints))]
    public void Read_FigureOutOfItsRange_IsRefusedByName(string name)
    {
        byte[] whole = Whole(name);
        int start = name == "legacy" ? 0 : 8;
        for (int i = 0; i < s_names.Length; i++)
        {
            foreach (int value in new[] { 0, -1, int.MinValue, int.MaxValue, (1 << 24) + 1 })
            {
                // In the oldest layout, a negative vocabulary size means that the output matrix is not shared with the embeddings.
                if (name == "legacy" && i == 5 && value == -1)
                    continue;
                Refuse(With(whole, start + (4 * i), value), $"{s_names[i]} = {value} of {name}").Field.Should().Be(s_names[i]);
            }
        }
    }

    [Theory]
    [InlineData(3, 3, "n_heads")]
    [InlineData(3, 32, "n_heads")]
    [InlineData(4, 3, "n_kv_heads")]
    [InlineData(4, 8, "n_kv_heads")]
    public void Read_HeadsThatDoNotDivide_AreRefused(int index, int value, string field)
    {
        Refuse(With(Whole("legacy"), 4 * index, value), field).Field.Should().Be(field);
        Refuse(With(Whole("version1"), 8 + (4 * index), value), field).Field.Should().Be(field);
    }

    [Theory]
    [InlineData(4, 0, "version")]
    [InlineData(4, 3, "version")]
    [InlineData(4, -1, "version")]
    [InlineData(36, 2, "shared classifier")]
    [InlineData(37, 0, "group size")]
    [InlineData(37, -16, "group size")]
    [InlineData(37, 15, "group size")]
    [InlineData(37, int.MaxValue, "group size")]
    public void Read_FieldOfAVersionThatCannotBe_IsRefusedByName(int offset, int value, string field) =>
        Refuse(With(Whole("version2-group16"), offset, value), field).Field.Should().Be(field);

    // The largest allowed numbers: without checks, the total size would need more than 63 bits.
    [Fact]
    public void Read_LargestShape_IsAWrongFileSizeAndNoOverflow()
    {
        byte[] bytes = Whole("version1");
        int[] figures = [1 << 20, 1 << 20, 512, 1024, 1024, 1 << 20, 1 << 24];
        for (int i = 0; i < figures.Length; i++)
            bytes = With(bytes, 8 + (4 * i), figures[i]);

        ModelFormatException fault = Refuse(bytes, "the largest shape");
        fault.Field.Should().Be("file size");
        fault.Limit.Should().MatchRegex("this shape must have [0-9,]{19,};");
    }

    [Theory]
    [MemberData(nameof(Checkpoints))]
    public void Read_CutOrExtended_IsRefused(string name)
    {
        byte[] whole = Whole(name);
        foreach (int length in Enumerable.Range(0, 300).Append(whole.Length / 2).Append(whole.Length - 1))
            Refuse(whole[..length], $"the first {length} bytes of {name}");
        Refuse([.. whole, 0], "one byte more");
    }

    [Theory]
    [MemberData(nameof(Checkpoints))]
    public void Open_DamagedHeaders_OpenOrAreRefused(string name)
    {
        using var folder = new TemporaryFolder();
        File.Copy(PublishedForms.PathOf("llama2c/tokenizer.bin"), folder.File("tokenizer.bin"));
        byte[] whole = Whole(name);
        var random = new Random(3);
        int refusedCount = 0;
        for (int i = 0; i < 300; i++)
        {
            byte[] bytes = [.. whole];
            for (int count = random.Next(1, 4); count > 0; count--)
                bytes[random.Next(44)] = (byte)random.Next(256);
            File.WriteAllBytes(folder.File("model.bin"), bytes);
            refusedCount += RefusalLimits.Run(() => ModelFileInformation.Read(folder.File("model.bin")), $"damage {i} of {name}") is null ? 0 : 1;
        }

        refusedCount.Should().BeGreaterThan(100);
    }

    private static byte[] Whole(string name) => File.ReadAllBytes(PublishedForms.PathOf($"llama2c/{name}.bin"));

    private static byte[] With(byte[] bytes, int offset, int value)
    {
        byte[] changed = [.. bytes];
        if (offset == 36)
            changed[offset] = (byte)value;
        else
            BitConverter.TryWriteBytes(changed.AsSpan(offset), value);
        return changed;
    }

    private static ModelFormatException Refuse(byte[] bytes, string what)
    {
        ModelFormatException? fault = RefusalLimits.Run(() => Llama2CHeader.Read(new MemoryByteSource(bytes)), what);
        fault.Should().NotBeNull(what);
        return fault!;
    }
}
