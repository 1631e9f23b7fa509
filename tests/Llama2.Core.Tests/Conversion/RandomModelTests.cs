using Llama2.Quantization;

namespace Llama2.Tests.Conversion;

public sealed class RandomModelTests : IDisposable
{
    private static readonly ModelShape s_tiny = new(
        EmbeddingLength: 256, LayerCount: 2, HeadCount: 4, KeyValueHeadCount: 2, FeedForwardLength: 512, ContextLength: 64);

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<ModelQuantization> Quantizations => [.. Enum.GetValues<ModelQuantization>()];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Quantizations))]
    public async Task Write_EveryQuantization_LoadsAndGenerates(ModelQuantization quantization)
    {
        string path = Write("model.gguf", quantization);

        using LlamaModel model = LlamaModel.Load(path, new LlamaModelOptions { ThreadCount = 1 });
        GenerationOptions options = new() { Temperature = 0, MaxTokens = 2, IgnoreEndOfSequence = true };
        GenerationResult result = await model.GenerateTextAsync("Once upon", options);
        float[] logits = await model.ComputeLogitsAsync(new[] { 1, 300, 400 });

        result.Usage.GeneratedTokenCount.Should().Be(2);
        model.Configuration.VocabularySize.Should().Be(RandomModel.VocabularySize);
        // The random weights have the magnitude of trained weights, so activations neither overflow nor vanish.
        logits.Should().OnlyContain(logit => float.IsFinite(logit));
        logits.Max(Math.Abs).Should().BeInRange(0.01f, 1000);
    }

    [Theory]
    [InlineData(ModelQuantization.Q4_0, GgmlType.Q4_0, GgmlType.Q6_K)]
    [InlineData(ModelQuantization.F16, GgmlType.F16, GgmlType.F16)]
    [InlineData(ModelQuantization.Q2_K, GgmlType.Q2_K, GgmlType.Q6_K)]
    public void Write_Tensors_HaveTheShapesOfALlamaAndTheSizesOfTheirFormats(ModelQuantization quantization, GgmlType type, GgmlType outputType)
    {
        var file = ModelFileInformation.Read(Write("model.gguf", quantization));

        file.Tensors.Should().HaveCount(3 + 9 * s_tiny.LayerCount);
        Of("token_embd.weight").Should().Be((type, "256×32000"));
        Of("output.weight").Should().Be((outputType, "256×32000"));
        Of("output_norm.weight").Should().Be((GgmlType.F32, "256"));
        Of("blk.1.attn_q.weight").Should().Be((type, "256×256"));
        Of("blk.1.attn_k.weight").Should().Be((type, "256×128"));
        Of("blk.1.ffn_up.weight").Should().Be((type, "256×512"));
        Of("blk.1.ffn_down.weight").Item2.Should().Be("512×256");
        file.Tensors.Should().OnlyContain(tensor => tensor.ByteSize == tensor.ElementCount / GgmlTypes.BlockLength(tensor.Type) * GgmlTypes.BlockByteSize(tensor.Type));
        file.ByteSize.Should().BeInRange(file.Tensors.Sum(tensor => tensor.ByteSize), file.Tensors.Sum(tensor => tensor.ByteSize) + 2_000_000);

        (GgmlType, string) Of(string name)
        {
            TensorInformation tensor = file.Tensors.Single(tensor => tensor.Name == name);
            return (tensor.Type, string.Join('×', tensor.Dimensions));
        }
    }

    [Fact]
    public void Write_Twice_GivesTheSameBytes()
        => File.ReadAllBytes(Write("second.gguf", ModelQuantization.Q4_0)).Should().Equal(File.ReadAllBytes(Write("first.gguf", ModelQuantization.Q4_0)));

    [Fact]
    public void Write_Progress_RisesToTheWhole()
    {
        var reports = new Reports();

        RandomModel.Write(_folder.File("model.gguf"), s_tiny, ModelQuantization.Q8_0, reports);

        reports.Values.Select(value => value.CompletedBytes).Should().BeInAscendingOrder().And.OnlyHaveUniqueItems();
        reports.Values[^1].Fraction.Should().Be(1);
    }

    [Fact]
    public void Write_Cancelled_LeavesTheFileAsItWas()
    {
        string path = _folder.File("model.gguf");
        File.WriteAllBytes(path, [1, 2, 3]);
        using var stop = new CancellationTokenSource();
        var reports = new Reports { OnReport = stop.Cancel };

        Action write = () => RandomModel.Write(path, s_tiny, ModelQuantization.Q8_0, reports, stop.Token);

        write.Should().Throw<OperationCanceledException>();
        reports.Values.Should().ContainSingle();
        _folder.Names.Should().Equal("model.gguf");
        File.ReadAllBytes(path).Should().Equal(1, 2, 3);
    }

    [Fact]
    public void Write_UndefinedQuantization_NamesThoseThereAre()
    {
        Action write = () => RandomModel.Write(_folder.File("model.gguf"), s_tiny, (ModelQuantization)(-1));

        write.Should().Throw<ArgumentOutOfRangeException>().WithMessage("*not one of*Q4_K_M*");
        _folder.Names.Should().BeEmpty();
    }

    public static TheoryData<ModelShape> WrongShapes =>
    [
        s_tiny with { LayerCount = 0 },
        s_tiny with { HeadCount = 0 },
        s_tiny with { KeyValueHeadCount = 0 },
        s_tiny with { HeadCount = 3 },
        s_tiny with { KeyValueHeadCount = 3 },
        s_tiny with { HeadCount = 256, KeyValueHeadCount = 256 },
        s_tiny with { EmbeddingLength = int.MinValue },
        s_tiny with { EmbeddingLength = 64 },
        s_tiny with { FeedForwardLength = 300 },
        s_tiny with { ContextLength = 0 },
        s_tiny with { ContextLength = (1 << 24) + 1 },
    ];

    [Theory]
    [MemberData(nameof(WrongShapes), DisableDiscoveryEnumeration = true)]
    public void Write_ShapeOfNoModel_IsRefusedAndLeavesNoFile(ModelShape shape)
    {
        Action write = () => RandomModel.Write(_folder.File("model.gguf"), shape, ModelQuantization.Q4_K_M);

        write.Should().Throw<ArgumentException>();
        _folder.Names.Should().BeEmpty();
    }

    [Fact]
    public void Named_Shapes_AreThoseOfThePublishedModels()
    {
        ModelShape.Named.Keys.Should().Equal("160m", "1b", "7b", "13b", "70b-8layers");
        // The parameter counts in the publications. For the 70B model with 8 layers, the count is extrapolated to all 80.
        ParameterCount("1b").Should().BeInRange(1_095_000_000, 1_105_000_000);
        ParameterCount("7b").Should().Be(6_738_415_616);
        ParameterCount("13b").Should().Be(13_015_864_320);
        (ParameterCount("70b-8layers") + 72L * (ParameterCount("70b-8layers") - 2L * 32_000 * 8192 - 8192) / 8).Should().Be(68_976_648_192);
    }

    private string Write(string name, ModelQuantization quantization)
    {
        string path = _folder.File(name);
        RandomModel.Write(path, s_tiny, quantization);
        return path;
    }

    private static long ParameterCount(string name)
    {
        ModelShape shape = ModelShape.Named[name];
        long width = shape.EmbeddingLength, keyValue = width / shape.HeadCount * shape.KeyValueHeadCount;
        long layer = 2 * width + 2 * width * width + 2 * width * keyValue + 3 * width * shape.FeedForwardLength;
        return shape.LayerCount * layer + 2 * width * RandomModel.VocabularySize + width;
    }

    private sealed class Reports : IProgress<ByteProgress>
    {
        public List<ByteProgress> Values { get; } = [];

        public Action OnReport { get; init; } = () => { };

        public void Report(ByteProgress value)
        {
            Values.Add(value);
            OnReport();
        }
    }
}
