using Llama2.Formats;
using Llama2.Formats.Gguf;

namespace Llama2.Tests.Formats.Gguf;

public sealed class GgufWriterTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Add_EveryType_IsReadBackAsItWas()
    {
        var expected = new Dictionary<string, object>
        {
            ["a.uint"] = uint.MaxValue,
            ["a.int"] = int.MinValue,
            ["a.ulong"] = ulong.MaxValue,
            ["a.float"] = -1.5f,
            ["a.true"] = true,
            ["a.false"] = false,
            ["a.string"] = "naïve ▁ 🦙",
            ["an.empty.string"] = "",
            ["ints"] = new[] { -1, 0, int.MaxValue },
            ["floats"] = new[] { float.Epsilon, -0.25f },
            ["strings"] = new[] { "", "<s>", "▁été" },
            ["no.strings"] = Array.Empty<string>(),
        };
        string path = _folder.File("metadata.gguf");
        using (var writer = new GgufWriter(path))
        {
            foreach ((string key, object value) in expected)
            {
                writer.Add(key, value);
            }

            writer.Complete();
        }

        using var file = GgufFile.Open(path);
        file.FormatName.Should().Be("GGUF v3");
        file.Metadata.Keys.Should().Equal(expected.Keys);
        foreach ((string key, object value) in expected)
        {
            file.Metadata[key].Should().BeOfType(value.GetType()).And.BeEquivalentTo(value, options => options.WithStrictOrdering(), key);
        }
    }

    [Fact]
    public void Add_TypeThatIsNotWritten_NamesKeyAndTypeAndLeavesNoFile()
    {
        Action write = () =>
        {
            using var writer = new GgufWriter(_folder.File("x.gguf"));
            writer.Add("a.decimal", 1m);
            writer.Complete();
        };

        write.Should().Throw<ArgumentException>().WithMessage("*'a.decimal'*Decimal*");
        _folder.Names.Should().BeEmpty();
    }

    [Fact]
    public void Write_TensorsInParts_AreReadBackFromAlignedPlaces()
    {
        string path = _folder.File("tensors.gguf");
        byte[][] contents = WriteThreeTensors(path);

        using var file = GgufFile.Open(path);
        file.Tensors.Select(tensor => (tensor.Name, tensor.Type, string.Join('×', tensor.Dimensions)))
            .Should().Equal(("norm", GgmlType.F32, "5"), ("matrix", GgmlType.Q4_0, "64×3"), ("last", GgmlType.Q6_K, "256×1"));
        file.ByteSize.Should().Be(file.Tensors[2].Offset + 224, "the last tensor's 210 bytes are padded too");
        foreach ((TensorDescription tensor, byte[] content) in file.Tensors.Zip(contents))
        {
            tensor.ByteSize.Should().Be(content.Length);
            (tensor.Offset % 32).Should().Be(0);
            byte[] read = new byte[content.Length];
            file.Read(tensor, 0, read);
            read.Should().Equal(content);
        }
    }

    [Fact]
    public void Complete_SameCalls_GiveTheSameBytes()
    {
        WriteThreeTensors(_folder.File("first.gguf"));
        WriteThreeTensors(_folder.File("second.gguf"));

        File.ReadAllBytes(_folder.File("second.gguf")).Should().Equal(File.ReadAllBytes(_folder.File("first.gguf")));
    }

    [Fact]
    public void Complete_FileThere_IsReplacedWhole()
    {
        string path = _folder.File("x.gguf");
        File.WriteAllBytes(path, new byte[100_000]);

        WriteThreeTensors(path);

        using var file = GgufFile.Open(path);
        file.Tensors.Should().HaveCount(3);
        _folder.Names.Should().Equal("x.gguf");
    }

    [Fact]
    public void Dispose_BeforeComplete_LeavesTheFileAsItWas()
    {
        string path = _folder.File("x.gguf");
        File.WriteAllBytes(path, [1, 2, 3]);
        using (var writer = new GgufWriter(path))
        {
            writer.AddTensor("norm", GgmlType.F32, 5);
            writer.Write(new byte[20]);
            _folder.Names.Should().HaveCount(2);
        }

        _folder.Names.Should().Equal("x.gguf");
        File.ReadAllBytes(path).Should().Equal(1, 2, 3);
    }

    [Theory]
    [InlineData(19)]
    [InlineData(21)]
    public void EndTensor_OtherLengthThanTheTable_IsRefusedAndLeavesNoFile(int length)
    {
        Action write = () =>
        {
            using var writer = new GgufWriter(_folder.File("x.gguf"));
            writer.AddTensor("norm", GgmlType.F32, 5);
            writer.Write(new byte[length]);
            writer.EndTensor();
        };

        write.Should().Throw<InvalidOperationException>().WithMessage($"*'norm'*{length}*20*");
        _folder.Names.Should().BeEmpty();
    }

    [Fact]
    public void Complete_TensorMissing_IsRefusedAndLeavesNoFile()
    {
        Action write = () =>
        {
            using var writer = new GgufWriter(_folder.File("x.gguf"));
            writer.AddTensor("norm", GgmlType.F32, 5);
            writer.Complete();
        };

        write.Should().Throw<InvalidOperationException>().WithMessage("0 of 1 tensors*");
        _folder.Names.Should().BeEmpty();
    }

    [Fact]
    public void Write_MoreThanTheDiskHolds_IsRefusedBeforeTheFirstTensor()
    {
        const long Petabyte = 1L << 50;
        Action write = () =>
        {
            using var writer = new GgufWriter(_folder.File("x.gguf"));
            writer.AddTensor("large", GgmlType.F32, 1 << 20, Petabyte / (4 << 20) * 64);
            writer.Write(new byte[1]);
        };

        write.Should().Throw<IOException>().WithMessage("There is no room for '*x.gguf': it takes 68,719,476,737 MiB*free*");
        _folder.Names.Should().BeEmpty();
    }

    [Fact]
    public void Constructor_NoSuchFolder_IsAnIOException()
    {
        Action create = () => _ = new GgufWriter(_folder.File(Path.Combine("none", "x.gguf")));

        create.Should().Throw<IOException>();
    }

    private static byte[][] WriteThreeTensors(string path)
    {
        var random = new Random(3);
        byte[][] contents = [new byte[20], new byte[3 * 2 * 18], new byte[210]];
        Array.ForEach(contents, random.NextBytes);
        using var writer = new GgufWriter(path);
        writer.Add("general.architecture", "llama");
        writer.AddTensor("norm", GgmlType.F32, 5);
        writer.AddTensor("matrix", GgmlType.Q4_0, 64, 3);
        writer.AddTensor("last", GgmlType.Q6_K, 256, 1);
        foreach (byte[] content in contents)
        {
            writer.Write(content.AsSpan(0, 7));
            writer.Write(content.AsSpan(7));
            writer.EndTensor();
        }

        writer.Complete();
        return contents;
    }
}
