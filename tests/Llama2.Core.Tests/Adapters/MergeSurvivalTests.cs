using Llama2.Formats.Gguf;
using Llama2.Quantization;

namespace Llama2.Tests.Adapters;

/// <summary>What survives of an adapter's change when the merged weights are rounded.</summary>
public sealed class MergeSurvivalTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    // A weak adapter: its change is about a thirtieth of the distance between two codes of Q4_0. Of the formats with blocks of 256, rows of 128 weights
    // get the type that the mix states for short rows.
    [Theory]
    [InlineData(ModelQuantization.Q4_0)]
    [InlineData(ModelQuantization.Q4_1)]
    [InlineData(ModelQuantization.Q5_0)]
    [InlineData(ModelQuantization.IQ4_NL)]
    [InlineData(ModelQuantization.Q4_K_M)]
    public void Merge_WeakAdapterIntoBlocks_SurvivesByTheRoundingForAdaptersOnly(ModelQuantization type)
    {
        string model = Quantized(type), adapter = WeakAdapter(model);

        AdapterMergeReport nearest = Merge(model, adapter, new AdapterMergeOptions { Rounding = MergeRounding.Nearest, MinSurvival = 0 }, type);
        AdapterMergeReport kept = Merge(model, adapter, new AdapterMergeOptions(), type);

        nearest.Survival.Should().BeLessThan(0.5);
        kept.Survival.Should().BeInRange(0.95, 1.05);
        kept.Matrices.Select(matrix => matrix.Survival).Should().OnlyContain(survival => survival > 0.9 && survival < 1.1);
    }

    [Fact]
    public void Merge_WeakMagnitudesIntoBlocks_SurviveByTheRoundingForAdapters()
    {
        string model = Quantized(ModelQuantization.Q4_0), adapter = WeakAdapter(model, spread: 0.01f);

        AdapterMergeReport nearest = Merge(model, adapter, new AdapterMergeOptions { Rounding = MergeRounding.Nearest, MinSurvival = 0 }, ModelQuantization.Q4_0);
        AdapterMergeReport kept = Merge(model, adapter, new AdapterMergeOptions(), ModelQuantization.Q4_0);

        nearest.Survival.Should().BeLessThan(0.5);
        kept.Survival.Should().BeInRange(0.95, 1.05);
    }

    [Theory]
    [InlineData(ModelQuantization.Q4_0)]
    [InlineData(ModelQuantization.Q4_K_M)]
    public void Merge_WeakAdapterIntoTheOriginal_Survives(ModelQuantization type)
    {
        string model = Quantized(ModelQuantization.F32), adapter = WeakAdapter(model);

        AdapterMergeReport report = Merge(model, adapter, new AdapterMergeOptions(), type);

        report.Survival.Should().BeInRange(0.9, 1.1);
    }

    [Fact]
    public void Merge_TooLittleWouldSurvive_IsRefusedWithTheFigureAndTheRemedies()
    {
        string model = Quantized(ModelQuantization.Q4_0), adapter = WeakAdapter(model), target = _folder.File("refused.gguf");

        AdapterMergeException exception = FluentActions.Invoking(() => AdapterMerger.Merge(
            model, [(adapter, 1)], target, new AdapterMergeOptions { Quantization = ModelQuantization.Q4_0, AllowRequantize = true, Rounding = MergeRounding.Nearest })).Should().Throw<AdapterMergeException>().Which;

        File.Exists(target).Should().BeFalse();
        exception.TargetPath.Should().Be(target);
        exception.Limit.Should().Be(0.9);
        exception.Report.Survival.Should().BeInRange(0, 0.5);
        exception.Message.Should().MatchRegex("'.*refused.gguf' was not written: \\d+ % of the adapters' change would survive .*least: -?\\d+ % in 'blk.*', Q4_0.*at least 90 % must.*at run time.*original.*F16 or Q8_0.*--min-survival");
    }

    [Fact]
    public void Merge_ReportsTheChangeThatIsInTheWrittenWeights()
    {
        string model = Quantized(ModelQuantization.Q4_0), adapter = WeakAdapter(model), target = _folder.File("measured.gguf"), exact = _folder.File("exact.gguf");
        AdapterMerger.Merge(model, [(adapter, 1)], exact, new AdapterMergeOptions { Quantization = ModelQuantization.F32 });

        AdapterMergeReport report = AdapterMerger.Merge(model, [(adapter, 1)], target, new AdapterMergeOptions { Quantization = ModelQuantization.Q4_0, AllowRequantize = true });

        // The same figure, computed from the three files.
        double survived = 0, wanted = 0;
        foreach (MergedMatrix matrix in report.Matrices)
        {
            float[] before = Weights(model, matrix.Name), after = Weights(target, matrix.Name), merged = Weights(exact, matrix.Name);
            for (int i = 0; i < before.Length; i++)
            {
                double change = (double)merged[i] - before[i];
                survived += change * ((double)after[i] - before[i]);
                wanted += change * change;
            }
        }

        report.Survival.Should().BeApproximately(survived / wanted, 1e-3);
    }

    [Fact]
    public void Merge_OtherNumberOfThreads_GivesTheSameBytes()
    {
        string model = Quantized(ModelQuantization.Q4_0), adapter = WeakAdapter(model);
        var options = new AdapterMergeOptions { Quantization = ModelQuantization.Q4_0, AllowRequantize = true };
        string one = _folder.File("one.gguf"), three = _folder.File("three.gguf");

        AdapterMergeReport first = AdapterMerger.Merge(model, [(adapter, 1)], one, options with { ThreadCount = 1 });
        AdapterMergeReport second = AdapterMerger.Merge(model, [(adapter, 1)], three, options with { ThreadCount = 3 });

        File.ReadAllBytes(one).AsSpan().SequenceEqual(File.ReadAllBytes(three)).Should().BeTrue();
        second.Survival.Should().Be(first.Survival);
    }

    private AdapterMergeReport Merge(string model, string adapter, AdapterMergeOptions options, ModelQuantization type) =>
        AdapterMerger.Merge(model, [(adapter, 1)], _folder.File($"{Guid.NewGuid():N}.gguf"), options with { Quantization = type, AllowRequantize = true });

    private string Quantized(ModelQuantization type)
    {
        string original = _folder.File("F32.gguf"), path = _folder.File($"{type}.gguf");
        if (!File.Exists(original))
        {
            ModelConverter.Convert(DemonstrationModel.Path, original, new ModelConversionOptions { Quantization = ModelQuantization.F32 });
        }

        if (type != ModelQuantization.F32)
        {
            ModelQuantizer.Quantize(original, path, type);
        }

        return path;
    }

    private string WeakAdapter(string model, float spread = 0)
    {
        using var file = GgufFile.Open(model);
        string[] names = [.. RandomAdapter.Matrices(file).Where(name => name.StartsWith("blk.", StringComparison.Ordinal))];
        var adapter = new RandomAdapter(file, names, 8, 1) { Alpha = 1 };
        return (spread > 0 ? adapter.WithMagnitudes(file, spread) : adapter).Write(_folder);
    }

    private static float[] Weights(string path, string name)
    {
        using var file = GgufFile.Open(path);
        file.TryGetTensor(name, out Llama2.Formats.TensorDescription? tensor).Should().BeTrue();
        byte[] bytes = new byte[tensor!.ByteSize];
        file.Read(tensor, 0, bytes);
        float[] weights = new float[tensor.RowLength * tensor.RowCount];
        WeightFormats.Dequantize(tensor.Type, bytes, weights);
        return weights;
    }
}
