using System.Runtime.InteropServices;
using Llama2.Formats;
using Llama2.Formats.Gguf;
using Llama2.Quantization;

namespace Llama2.Tests.Conversion;

public sealed class ModelQuantizerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    // Quantization of a random model to 2 bits a weight changes its logits by two fifths; quantization to 8 bits changes them by a hundredth.
    [Theory]
    [InlineData(ModelQuantization.F32, 1e-3)]
    [InlineData(ModelQuantization.BF16, 0.02)]
    [InlineData(ModelQuantization.Q8_0, 0.02)]
    [InlineData(ModelQuantization.Q6_K, 0.2)]
    [InlineData(ModelQuantization.Q5_K_S, 0.2)]
    [InlineData(ModelQuantization.Q4_K_M, 0.2)]
    [InlineData(ModelQuantization.IQ4_XS, 0.2)]
    [InlineData(ModelQuantization.Q4_0, 0.2)]
    [InlineData(ModelQuantization.Q3_K_L, 0.35)]
    [InlineData(ModelQuantization.Q2_K, 0.6)]
    public async Task Quantize_RandomModel_LoadsAndComputesAboutTheSame(ModelQuantization quantization, double maximumError)
    {
        string source = RandomSource(), target = _folder.File("target.gguf");

        ModelQuantizer.Quantize(source, target, quantization);

        float[] expected = await LogitsAsync(source), actual = await LogitsAsync(target);
        double error = Math.Sqrt(expected.Zip(actual, (a, b) => Math.Pow(a - b, 2)).Sum() / expected.Sum(a => (double)a * a));
        error.Should().BeLessThan(maximumError);
        _folder.Names.Should().BeEquivalentTo("source.gguf", "target.gguf");
    }

    [Fact]
    public void Quantize_Metadata_IsTheSourcesButForWhatIsNew()
    {
        string target = _folder.File("target.gguf");

        ModelQuantizer.Quantize(RandomSource(), target, ModelQuantization.Q5_K_S);

        using GgufFile source = GgufFile.Open(_folder.File("source.gguf")), file = GgufFile.Open(target);
        file.Metadata["general.file_type"].Should().BeOfType<uint>().Which.Should().Be(16);
        file.Metadata["general.quantization_version"].Should().BeOfType<uint>().Which.Should().Be(2);
        file.Metadata.Keys.Should().BeEquivalentTo(source.Metadata.Keys.Union(["general.file_type", "general.quantization_version"]));
        file.Metadata["tokenizer.ggml.tokens"].Should().BeEquivalentTo(source.Metadata["tokenizer.ggml.tokens"]);
        file.Tensors.Select(tensor => tensor.Name).Should().Equal(source.Tensors.Select(tensor => tensor.Name));
    }

    [Fact]
    public void Quantize_AnyNumberOfThreads_GivesTheSameBytes()
    {
        string source = RandomSource();
        ImportanceMatrix importance = Importance(source);
        byte[][] files =
        [
            .. new[] { 1, 2, 7 }.Select(count =>
            {
                string target = _folder.File($"{count}.gguf");
                ModelQuantizer.Quantize(source, target, ModelQuantization.Q3_K_M, new ModelQuantizerOptions { ThreadCount = count, ImportanceMatrix = importance });
                return File.ReadAllBytes(target);
            }),
        ];

        files[1].Should().Equal(files[0]);
        files[2].Should().Equal(files[0]);
    }

    [Fact]
    public void Quantize_WithImportance_EncodesRowsWithTheMatrixsColumns()
    {
        string source = RandomSource(), target = _folder.File("target.gguf");
        ImportanceMatrix importance = Importance(source);

        ModelQuantizer.Quantize(source, target, ModelQuantization.Q4_K_M, new ModelQuantizerOptions { ImportanceMatrix = importance });

        using GgufFile before = GgufFile.Open(source), after = GgufFile.Open(target);
        TensorDescription tensor = Find(after, "blk.0.attn_q.weight");
        byte[] expected = new byte[tensor.RowByteSize], actual = new byte[tensor.RowByteSize];
        after.Read(tensor, 3 * tensor.RowByteSize, actual);
        WeightFormats.Of(tensor.Type).CreateEncoder().TryEncode(Row(before, "blk.0.attn_q.weight", 3), importance.Find(tensor), expected).Should().BeTrue();
        actual.Should().Equal(expected);
        after.Metadata["quantize.imatrix.entries_count"].Should().BeOfType<uint>().Which.Should().Be((uint)importance.Count);
    }

    [Fact]
    public void Quantize_ImportanceOfAnotherModel_IsRefused()
    {
        string source = RandomSource(), other = _folder.File("other.gguf");
        RandomModel.Write(other, s_shape with { EmbeddingLength = 512 }, ModelQuantization.F16);
        ImportanceMatrix importance = Importance(other);

        FluentActions.Invoking(() => ModelQuantizer.Quantize(source, _folder.File("target.gguf"), ModelQuantization.Q4_K_M, new ModelQuantizerOptions { ImportanceMatrix = importance }))
            .Should().Throw<ModelFormatException>().WithMessage("*belongs to another model*");
        _folder.Names.Should().NotContain("target.gguf");
    }

    [Fact]
    public void Quantize_TwoBitsWithoutImportance_IsRefused()
        => FluentActions.Invoking(() => ModelQuantizer.Quantize(RandomSource(), _folder.File("target.gguf"), ModelQuantization.Q2_K_S))
            .Should().Throw<ArgumentException>().WithMessage("*needs an importance matrix*");

    [Fact]
    public void Quantize_QuantizedSource_NeedsLeave()
    {
        string source = _folder.File("source.gguf"), target = _folder.File("target.gguf");
        RandomModel.Write(source, s_shape, ModelQuantization.Q8_0);

        FluentActions.Invoking(() => ModelQuantizer.Quantize(source, target, ModelQuantization.Q4_0)).Should().Throw<ModelFormatException>().WithMessage("*token_embd.weight*Q8_0*");
        _folder.Names.Should().Equal("source.gguf");
        ModelQuantizer.Quantize(source, target, ModelQuantization.Q4_0, new ModelQuantizerOptions { AllowRequantize = true });
        ModelFileInformation.Read(target).Tensors.Single(tensor => tensor.Name == "blk.0.attn_q.weight").Type.Should().Be(GgmlType.Q4_0);
    }

    [Fact]
    public void Quantize_SameFormat_KeepsEveryByte()
    {
        string source = _folder.File("source.gguf"), target = _folder.File("target.gguf");
        RandomModel.Write(source, s_shape, ModelQuantization.Q4_K_M);

        ModelQuantizer.Quantize(source, target, ModelQuantization.Q4_K_M);

        using GgufFile before = GgufFile.Open(source), after = GgufFile.Open(target);
        foreach (TensorDescription tensor in before.Tensors)
        {
            byte[] expected = new byte[tensor.ByteSize], actual = new byte[tensor.ByteSize];
            before.Read(tensor, 0, expected);
            after.Read(Find(after, tensor.Name), 0, actual);
            actual.Should().Equal(expected, tensor.Name);
        }
    }

    [Theory]
    [InlineData(float.NaN, ModelQuantization.F32, ModelQuantization.Q4_0, "infinite or NaN")]
    [InlineData(float.NegativeInfinity, ModelQuantization.F32, ModelQuantization.F32, "infinite or NaN")]
    [InlineData(1e38f, ModelQuantization.F32, ModelQuantization.Q4_K_S, "too large")]
    [InlineData(70_000f, ModelQuantization.F32, ModelQuantization.F16, "too large")]
    public void Quantize_WeightThatCannotBe_IsRefusedWithItsTensor(float weight, ModelQuantization sourceType, ModelQuantization quantization, string fault)
    {
        string source = _folder.File("source.gguf"), target = _folder.File("target.gguf");
        RandomModel.Write(source, s_shape, sourceType);
        Overwrite(source, "blk.1.ffn_up.weight", row: 5, weight);
        File.WriteAllBytes(target, [1, 2, 3]);

        FluentActions.Invoking(() => ModelQuantizer.Quantize(source, target, quantization))
            .Should().Throw<ModelFormatException>().WithMessage($"*'blk.1.ffn_up.weight' in row 5*{fault}*");
        File.ReadAllBytes(target).Should().Equal(1, 2, 3);
        _folder.Names.Should().BeEquivalentTo("source.gguf", "target.gguf");
    }

    [Fact]
    public void Quantize_Cancelled_LeavesTheTargetAsItWas()
    {
        string source = RandomSource(), target = _folder.File("target.gguf");
        File.WriteAllBytes(target, [1, 2, 3]);
        using var stop = new CancellationTokenSource();

        FluentActions.Invoking(() => ModelQuantizer.Quantize(source, target, ModelQuantization.Q4_0, progress: new Reports(_ => stop.Cancel()), cancellationToken: stop.Token))
            .Should().Throw<OperationCanceledException>();
        File.ReadAllBytes(target).Should().Equal(1, 2, 3);
        _folder.Names.Should().BeEquivalentTo("source.gguf", "target.gguf");
    }

    [Fact]
    public void Quantize_Progress_RisesToTheWhole()
    {
        List<ByteProgress> reports = [];

        ModelQuantizer.Quantize(RandomSource(), _folder.File("target.gguf"), ModelQuantization.Q8_0, progress: new Reports(reports.Add));

        reports.Select(report => report.CompletedBytes).Should().BeInAscendingOrder().And.OnlyHaveUniqueItems();
        reports[^1].Fraction.Should().Be(1);
    }

    [Fact]
    public void Quantize_WrongArguments_AreRefused()
    {
        string source = RandomSource();

        FluentActions.Invoking(() => ModelQuantizer.Quantize(source, _folder.File("target.gguf"), (ModelQuantization)4)).Should().Throw<ArgumentOutOfRangeException>().WithMessage("*not one of*Q4_K_M*");
        FluentActions.Invoking(() => ModelQuantizer.Quantize(source, Path.Combine(_folder.Path, ".", "source.gguf"), ModelQuantization.Q4_0)).Should().Throw<ArgumentException>().WithMessage("*another name*");
        _folder.Names.Should().Equal("source.gguf");
    }

    private static readonly ModelShape s_shape = new(
        EmbeddingLength: 256, LayerCount: 2, HeadCount: 4, KeyValueHeadCount: 2, FeedForwardLength: 512, ContextLength: 64);

    private string RandomSource()
    {
        string path = _folder.File("source.gguf");
        RandomModel.Write(path, s_shape, ModelQuantization.F16);
        return path;
    }

    private static ImportanceMatrix Importance(string model)
        => ImportanceMatrixCollector.CollectAsync(model, string.Concat(Enumerable.Range(0, 40).Select(i => $" w{i + 900}")), new ImportanceMatrixOptions { WindowLength = 16 }).GetAwaiter().GetResult();

    private static async Task<float[]> LogitsAsync(string path)
    {
        using LlamaModel model = LlamaModel.Load(path, new LlamaModelOptions { ThreadCount = 1 });
        return await model.ComputeLogitsAsync(new[] { 1, 300, 400 });
    }

    private static TensorDescription Find(GgufFile file, string name) => file.Tensors.Single(tensor => tensor.Name == name);

    private static float[] Row(GgufFile file, string name, int row)
    {
        TensorDescription tensor = Find(file, name);
        byte[] bytes = new byte[tensor.RowByteSize];
        file.Read(tensor, row * tensor.RowByteSize, bytes);
        float[] weights = new float[tensor.RowLength];
        WeightFormats.Dequantize(tensor.Type, bytes, weights);
        return weights;
    }

    private static void Overwrite(string path, string tensorName, int row, float weight)
    {
        long offset;
        using (GgufFile file = GgufFile.Open(path))
        {
            TensorDescription tensor = Find(file, tensorName);
            offset = tensor.Offset + row * tensor.RowByteSize + 8;
        }

        using FileStream stream = File.OpenWrite(path);
        stream.Position = offset;
        stream.Write(MemoryMarshal.AsBytes(new ReadOnlySpan<float>(in weight)));
    }

    private sealed class Reports(Action<ByteProgress> onReport) : IProgress<ByteProgress>
    {
        public void Report(ByteProgress value) => onReport(value);
    }
}
