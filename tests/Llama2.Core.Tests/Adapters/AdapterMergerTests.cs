using Llama2.Formats.Gguf;
using Llama2.Quantization;

namespace Llama2.Tests.Adapters;

public sealed class AdapterMergerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    // F16 rounds weights by a relative 2^-12, BF16 by 2^-9.
    [Theory]
    [InlineData(ModelQuantization.F32, 1e-5)]
    [InlineData(ModelQuantization.F16, 2e-3)]
    [InlineData(ModelQuantization.BF16, 2e-2)]
    public async Task Merge_TwoAdaptersIntoAQuantizedModel_GivesTheWeightsOfTheSum(ModelQuantization type, double bar)
    {
        using var file = GgufFile.Open(DemonstrationModel.Path);
        string[] names = [.. RandomAdapter.Matrices(file), "token_embd.weight"];
        RandomAdapter first = new(file, names, 8, 1), second = new(file, names, 3, 2);
        string target = _folder.File("merged.gguf");
        var progress = new List<ByteProgress>();

        AdapterMerger.Merge(DemonstrationModel.Path, [(first.Write(_folder), 0.5f), (second.Write(_folder), -1)], target, new AdapterMergeOptions { Quantization = type }, new Recorder(progress));

        using GgufFile expectedFile = RandomAdapter.Merge(file, (first, 0.5f), (second, -1));
        using LlamaModel expected = LlamaModel.Load(expectedFile, new LlamaModelOptions(), null, CancellationToken.None), merged = LlamaModel.Load(target);
        int[] tokens = expected.Tokenizer.Encode("Once upon a time there was a dog", addBeginOfSequence: true);
        float[] logits = await merged.ComputeLogitsAsync(tokens), exact = await expected.ComputeLogitsAsync(tokens);
        GoldenModel.RelativeError(logits, exact).Should().BeLessThan(bar);
        progress.Select(report => report.Fraction).Should().BeInAscendingOrder().And.EndWith(1);
        using var written = GgufFile.Open(target);
        written.Tensors.Where(tensor => tensor.Dimensions.Count == 2).Should().OnlyContain(tensor => tensor.Type.ToString() == type.ToString());
    }

    // The magnitudes are divided by the norms of the decoded blocks. At run time, activations are rounded to 8 bits, also without adapters.
    [Fact]
    public async Task Merge_MagnitudesIntoAQuantizedModel_GivesWhatRunsWithoutMerging()
    {
        using var file = GgufFile.Open(DemonstrationModel.Path);
        RandomAdapter first = new RandomAdapter(file, [.. RandomAdapter.Matrices(file), "token_embd.weight"], 8, 1).WithMagnitudes(file, 0.3f), second = new(file, RandomAdapter.Matrices(file), 3, 2);
        string path = first.Write(_folder), other = second.Write(_folder), target = _folder.File("merged.gguf"), unchanged = _folder.File("unchanged.gguf");
        ModelConverter.Convert(DemonstrationModel.Path, unchanged, new ModelConversionOptions { Quantization = ModelQuantization.F32 });

        AdapterMerger.Merge(DemonstrationModel.Path, [(path, 0.7f), (other, -1)], target, new AdapterMergeOptions { Quantization = ModelQuantization.F32 });

        using GgufFile expectedFile = RandomAdapter.Merge(file, (first, 0.7f), (second, -1));
        using LlamaModel expected = LlamaModel.Load(expectedFile, new LlamaModelOptions(), null, CancellationToken.None), merged = LlamaModel.Load(target), model = LlamaModel.Load(DemonstrationModel.Path), exact = LlamaModel.Load(unchanged);
        using LlamaAdapter adapter = model.LoadAdapter(path), plain = model.LoadAdapter(other);
        int[] tokens = expected.Tokenizer.Encode("Once upon a time there was a dog", addBeginOfSequence: true);
        float[] wanted = await expected.ComputeLogitsAsync(tokens);
        GoldenModel.RelativeError(await merged.ComputeLogitsAsync(tokens), wanted).Should().BeLessThan(1e-5);
        float[] rounded = await model.ComputeLogitsAsync(tokens), unrounded = await exact.ComputeLogitsAsync(tokens);
        double rounding = GoldenModel.RelativeError(rounded, unrounded);
        GoldenModel.RelativeError(await model.ComputeLogitsAsync(tokens, new() { Adapters = [new(adapter, 0.7f), new(plain, -1)] }), wanted).Should().BeLessThan(3 * rounding);
    }

    [Fact]
    public void Merge_WithoutAType_CopiesWhatDoesNotChange()
    {
        using var file = GgufFile.Open(DemonstrationModel.Path);
        string target = _folder.File("merged.gguf");

        AdapterMerger.Merge(DemonstrationModel.Path, [(new RandomAdapter(file, ["blk.0.attn_q.weight"], 4, 1).Write(_folder), 1)], target);

        using var written = GgufFile.Open(target);
        written.Tensors.Select(tensor => tensor.Name).Should().Equal(file.Tensors.Select(tensor => tensor.Name));
        foreach ((Llama2.Formats.TensorDescription before, Llama2.Formats.TensorDescription after) in file.Tensors.Zip(written.Tensors))
        {
            bool isChanged = before.Name == "blk.0.attn_q.weight";
            after.Type.Should().Be(isChanged ? GgmlType.F16 : before.Type);
            if (!isChanged)
            {
                byte[] expected = new byte[before.ByteSize], actual = new byte[before.ByteSize];
                file.Read(before, 0, expected);
                written.Read(after, 0, actual);
                actual.AsSpan().SequenceEqual(expected).Should().BeTrue(before.Name);
            }
        }
    }

    [Theory]
    [InlineData(ModelQuantization.Q8_0)]
    [InlineData(ModelQuantization.Q4_0)]
    [InlineData(ModelQuantization.Q4_K_M)]
    public void Merge_IntoBlocks_GivesTheFileThatQuantizingTheMergedModelGives(ModelQuantization quantization)
    {
        string source = _folder.File("model.gguf"), direct = _folder.File("direct.gguf"), merged = _folder.File("merged.gguf"), quantized = _folder.File("quantized.gguf");
        using var file = GgufFile.Open(DemonstrationModel.Path);
        ModelConverter.Convert(DemonstrationModel.Path, source, new ModelConversionOptions { Quantization = ModelQuantization.F32 });
        (string, float)[] adapters = [(new RandomAdapter(file, RandomAdapter.Matrices(file), 4, 1).Write(_folder), 0.7f)];

        AdapterMerger.Merge(source, adapters, direct, new AdapterMergeOptions { Quantization = quantization });

        AdapterMerger.Merge(source, adapters, merged, new AdapterMergeOptions { Quantization = ModelQuantization.F32 });
        ModelQuantizer.Quantize(merged, quantized, quantization);
        File.ReadAllBytes(direct).AsSpan().SequenceEqual(File.ReadAllBytes(quantized)).Should().BeTrue();
        ModelFileInformation.Read(direct).Tensors.Should().Contain(tensor => GgmlTypes.BlockLength(tensor.Type) > 1);
    }

    [Fact]
    public void Merge_WouldQuantizeBlocksAgain_IsRefusedUnlessAllowed()
    {
        using var file = GgufFile.Open(DemonstrationModel.Path);
        string target = _folder.File("merged.gguf");
        (string, float)[] adapters = [(new RandomAdapter(file, ["blk.0.attn_q.weight"], 4, 1).Write(_folder), 1)];

        FluentActions.Invoking(() => AdapterMerger.Merge(DemonstrationModel.Path, adapters, target, new AdapterMergeOptions { Quantization = ModelQuantization.Q4_0 })).Should().Throw<ModelFormatException>().WithMessage("*requantize*");
        File.Exists(target).Should().BeFalse();

        AdapterMerger.Merge(DemonstrationModel.Path, adapters, target, new AdapterMergeOptions { Quantization = ModelQuantization.Q4_0, AllowRequantize = true });
        File.Exists(target).Should().BeTrue();
    }

    [Fact]
    public void Options_UndefinedValues_AreRefused()
    {
        FluentActions.Invoking(() => new AdapterMergeOptions { Quantization = (ModelQuantization)99 }).Should().Throw<ArgumentException>().WithParameterName("Quantization");
        FluentActions.Invoking(() => new AdapterMergeOptions { Rounding = (MergeRounding)9 }).Should().Throw<ArgumentException>().WithParameterName("Rounding");
        FluentActions.Invoking(() => new AdapterMergeOptions { MinSurvival = 1.1 }).Should().Throw<ArgumentException>().WithParameterName("MinSurvival");
        FluentActions.Invoking(() => new AdapterMergeOptions { MinSurvival = double.NaN }).Should().Throw<ArgumentException>().WithParameterName("MinSurvival");
    }

    [Fact]
    public void Merge_AdapterOfAnotherModel_LeavesNoFile()
    {
        using GgufFile other = TinyModel.Describe().Open();
        string adapter = new RandomAdapter(other, ["blk.0.attn_q.weight"], 4, 1).Write(_folder), target = _folder.File("merged.gguf");

        FluentActions.Invoking(() => AdapterMerger.Merge(DemonstrationModel.Path, [(adapter, 1)], target)).Should().Throw<ModelFormatException>().WithMessage("*blk.0.attn_q.weight.lora_a*another model*");

        _folder.Names.Should().ContainSingle();
    }

    private sealed class Recorder(List<ByteProgress> reports) : IProgress<ByteProgress>
    {
        public void Report(ByteProgress value) => reports.Add(value);
    }
}
