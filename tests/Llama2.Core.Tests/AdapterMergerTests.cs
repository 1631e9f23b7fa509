using Llama2.Formats.Gguf;
using Llama2.Quantization;
using Llama2.Tests.Adapters;

namespace Llama2.Tests;

public sealed class AdapterMergerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    // F16 and BF16 round weights by 2^-12 and 2^-9 of themselves.
    [Theory]
    [InlineData(GgmlType.F32, 1e-5)]
    [InlineData(GgmlType.F16, 2e-3)]
    [InlineData(GgmlType.BF16, 2e-2)]
    public async Task Merge_TwoAdaptersIntoAQuantizedModel_GivesTheWeightsOfTheSum(GgmlType type, double bar)
    {
        using var file = GgufFile.Open(DemonstrationModel.Path);
        string[] names = [.. RandomAdapter.Matrices(file), "token_embd.weight"];
        RandomAdapter first = new(file, names, 8, 1), second = new(file, names, 3, 2);
        string target = _folder.File("merged.gguf");
        var progress = new List<LoadProgress>();

        AdapterMerger.Merge(DemonstrationModel.Path, [(first.Write(_folder), 0.5f), (second.Write(_folder), -1)], target, type, new Recorder(progress));

        using GgufFile expectedFile = RandomAdapter.Merge(file, (first, 0.5f), (second, -1));
        using LlamaModel expected = LlamaModel.Load(expectedFile, new LlamaModelOptions(), null, CancellationToken.None), merged = LlamaModel.Load(target);
        int[] tokens = expected.Tokenizer.Encode("Once upon a time there was a dog", addBeginOfSequence: true);
        float[] logits = await merged.ComputeLogitsAsync(tokens), exact = await expected.ComputeLogitsAsync(tokens);
        GoldenModel.RelativeError(logits, exact).Should().BeLessThan(bar);
        progress.Select(report => report.Fraction).Should().BeInAscendingOrder().And.EndWith(1);
        using var written = GgufFile.Open(target);
        written.Tensors.Where(tensor => tensor.Dimensions.Count == 2).Should().OnlyContain(tensor => tensor.Type == type);
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

    [Fact]
    public void Merge_AdapterOfAnotherModel_LeavesNoFile()
    {
        using GgufFile other = TinyModel.Describe().Open();
        string adapter = new RandomAdapter(other, ["blk.0.attn_q.weight"], 4, 1).Write(_folder), target = _folder.File("merged.gguf");

        FluentActions.Invoking(() => AdapterMerger.Merge(DemonstrationModel.Path, [(adapter, 1)], target)).Should().Throw<ModelFormatException>().WithMessage("*blk.0.attn_q.weight.lora_a*another model*");

        _folder.Names.Should().ContainSingle();
    }

    private sealed class Recorder(List<LoadProgress> reports) : IProgress<LoadProgress>
    {
        public void Report(LoadProgress value) => reports.Add(value);
    }
}
