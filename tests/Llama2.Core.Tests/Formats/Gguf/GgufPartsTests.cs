using Llama2.Formats.Gguf;
using Llama2.Tests.Formats.MetaCheckpoint;

namespace Llama2.Tests.Formats.Gguf;

public sealed class GgufPartsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Open_PartsThatAgree_AreOneModel()
    {
        Write(1, Part(0));
        Write(2, Part(1));

        using var file = GgufParts.Open(Name(2));
        file.Tensors.Select(tensor => tensor.Name).Should().Equal("a1", "b1", "a2", "b2");
        file.Metadata.Keys.Should().NotContain(key => key.StartsWith("split.", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(65_535)]
    public void Open_PartOfAnotherCount_IsRefused(int count)
    {
        Write(1, Part(0));
        Write(2, Part(1, count: (ushort)count));

        Refuse(1).Field.Should().Be("split.count");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(40_000)]
    public void Open_PartOfAnotherNumber_IsRefused(int number)
    {
        Write(1, Part(0));
        Write(2, Part(1, number: (ushort)number));

        Refuse(1).Field.Should().Be("split.no");
        Refuse(2);
    }

    [Fact]
    public void Open_PartMissing_IsNamed()
    {
        Write(2, Part(1));

        ModelFormatException fault = Refuse(2);
        (fault.Field, fault.Value, fault.FilePath).Should().Be(("part 1 of 2", "absent", Name(1)));
    }

    [Fact]
    public void Open_TensorInTwoParts_IsRefused()
    {
        Write(1, Part(0));
        Write(2, Part(1, tensors: ["a1"]));

        Refuse(1).Limit.Should().Contain("the parts overlap");
    }

    [Theory]
    [InlineData("a2")]
    [InlineData("a2", "b2", "c2")]
    public void Open_PartOfAnotherModel_IsToldByTheNumberOfTensors(params string[] tensors)
    {
        Write(1, Part(0));
        Write(2, Part(1, tensors: tensors));

        Refuse(1).Field.Should().Be("split.tensors.count");
    }

    [Fact]
    public void Open_PartWithoutItsNumber_IsRefused()
    {
        Write(1, Part(0));
        Write(2, new GgufBuilder().Add("general.architecture", "llama").AddTensor("a2", GgmlType.F32, [2], new byte[8]).Build());

        Refuse(1).Field.Should().Be("split.no");
    }

    [Fact]
    public void Open_RenamedPart_SaysWhatItsNameMustEndIn()
    {
        File.WriteAllBytes(_folder.File("model.gguf"), Part(0));

        FluentActions.Invoking(() => GgufParts.Open(_folder.File("model.gguf"))).Should().Throw<ModelFormatException>().WithMessage("*'-00001-of-00002.gguf'*");
    }

    [Fact]
    public void Open_MoreThan1024Parts_IsRefusedBeforeAnyIsOpened()
    {
        File.WriteAllBytes(_folder.File("model-00001-of-01025.gguf"), Part(0, count: 1025));

        FluentActions.Invoking(() => GgufParts.Open(_folder.File("model-00001-of-01025.gguf"))).Should().Throw<ModelFormatException>().Which.Field.Should().Be("split.count");
    }

    [Fact]
    public void Open_DamagedParts_OpenOrAreRefused()
    {
        var random = new Random(4);
        int refusedCount = 0;
        for (int i = 0; i < 1000; i++)
        {
            byte[][] parts = [Part(0), Part(1)];
            byte[] damaged = parts[i % 2];
            damaged[random.Next(200)] = (byte)random.Next(256);
            Write(1, parts[0]);
            Write(2, parts[1]);
            refusedCount += RefusalLimits.Run(() => GgufParts.Open(Name(1 + random.Next(2))).Dispose(), $"damage {i}") is null ? 0 : 1;
        }

        refusedCount.Should().BeGreaterThan(300);
        File.Open(Name(1), FileMode.Open, FileAccess.ReadWrite, FileShare.None).Dispose();
        File.Open(Name(2), FileMode.Open, FileAccess.ReadWrite, FileShare.None).Dispose();
    }

    private static byte[] Part(int index, ushort? number = null, ushort count = 2, string[]? tensors = null)
    {
        GgufBuilder builder = new GgufBuilder()
            .Add("split.no", number ?? (ushort)index).Add("split.count", count).Add("split.tensors.count", 4)
            .Add("general.architecture", "llama");
        foreach (string name in tensors ?? [$"a{index + 1}", $"b{index + 1}"])
            builder.AddTensor(name, GgmlType.F32, [2], new byte[8]);
        return builder.Build();
    }

    private string Name(int number) => _folder.File($"model-{number:D5}-of-00002.gguf");

    private void Write(int number, byte[] bytes) => File.WriteAllBytes(Name(number), bytes);

    private ModelFormatException Refuse(int number)
    {
        ModelFormatException? fault = RefusalLimits.Run(() => GgufParts.Open(Name(number)).Dispose(), $"part {number}");
        fault.Should().NotBeNull();
        return fault!;
    }
}
