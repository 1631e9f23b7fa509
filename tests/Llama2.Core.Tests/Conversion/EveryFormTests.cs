using Llama2.Conversion;
using Llama2.Formats;
using Llama2.Tests.Formats.MetaCheckpoint;

namespace Llama2.Tests.Conversion;

/// <summary>Loads one model in all of its forms with <see cref="LlamaModel.Load(string, LlamaModelOptions?, IProgress{ByteProgress}?, CancellationToken)"/>.</summary>
public sealed class EveryFormTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Load_SameModelInEveryForm_GivesTheSameLogits()
    {
        string[] paths =
        [
            .. new[] { "gguf-split/model-00001-of-00003.gguf", "huggingface", "huggingface-sharded", "llama2c/legacy.bin", "llama2c/version1.bin" }.Select(PublishedForms.PathOf),
            MetaFolder(1), MetaFolder(2),
        ];
        float[] expected = PublishedForms.Compute(PublishedForms.PathOf(PublishedForms.Gguf));
        GoldenModel.RelativeError(expected, PublishedForms.Logits()).Should().BeLessThan(1e-6);

        foreach (string path in paths)
            LargestDifference(PublishedForms.Compute(path), expected).Should().BeLessThan(1e-6f, path);
    }

    // Sixteen heads share eight key-value heads, so each of eight shards has one key-value head. The files are in F16 and BF16, which F32 represents exactly.
    [Fact]
    public void Load_MetaFolderOfAnyNumberOfShards_GivesTheLogitsOfWhatItIsConvertedTo()
    {
        string reference = _folder.File("reference.gguf");
        ModelConverter.Convert(MetaCheckpointData.Folder(1), reference, new ModelConversionOptions { Quantization = ModelQuantization.F32 });
        float[] expected = Compute(reference);
        foreach (int shardCount in new[] { 1, 2, 8 })
        {
            string source = MetaCheckpointData.Folder(shardCount), gguf = _folder.File($"{shardCount}.gguf"), single = _folder.File($"{shardCount}-single"), sharded = _folder.File($"{shardCount}-sharded");
            var options = new ModelConversionOptions { Quantization = ModelQuantization.F32 };
            ModelConverter.Convert(source, gguf, options);
            ModelConverter.Convert(source, single, options);
            ModelConverter.Convert(source, sharded, options with { MaxShardByteSize = 50_000 });

            Directory.GetFiles(sharded, "model-*-of-*.safetensors").Should().HaveCountGreaterThan(2);
            foreach (string path in new[] { source, Path.Combine(source, "consolidated.00.pth"), gguf, single, sharded })
                LargestDifference(Compute(path), expected).Should().BeLessThan(1e-6f, path);
        }
    }

    private static float[] Compute(string path)
    {
        using var model = LlamaModel.Load(path, new LlamaModelOptions { ThreadCount = 1 });
        return model.ComputeLogitsAsync(MetaCheckpointData.Expected().Tokens).GetAwaiter().GetResult();
    }

    private static float LargestDifference(float[] actual, float[] expected)
    {
        actual.Should().HaveCount(expected.Length);
        return actual.Zip(expected, (left, right) => Math.Abs(left - right)).Max();
    }

    private string MetaFolder(int shardCount)
    {
        string path = _folder.File($"meta-{shardCount}");
        using IModelFile model = ModelFiles.Open(PublishedForms.PathOf(PublishedForms.Gguf));
        MetaFolderWriter.Write(model, path, shardCount);
        return path;
    }
}
