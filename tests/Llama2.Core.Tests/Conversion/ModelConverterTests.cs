using System.Runtime.InteropServices;
using Llama2.Conversion;
using Llama2.Formats;
using Llama2.Formats.Gguf;
using Llama2.Quantization;

namespace Llama2.Tests.Conversion;

public sealed class ModelConverterTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Sources =>
        ["gguf/model.gguf", "gguf-split/model-00002-of-00003.gguf", "huggingface", "huggingface-sharded", "llama2c/legacy.bin", "llama2c/version1.bin"];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Sources))]
    public void Convert_EveryFormToEveryForm_GivesTheSameModel(string source)
    {
        using var expected = LlamaModel.Load(PublishedForms.PathOf("gguf/model.gguf"));
        foreach (string name in new[] { "model.gguf", "folder" })
        {
            string target = _folder.File(name);

            ModelConverter.Convert(PublishedForms.PathOf(source), target);

            using var model = LlamaModel.Load(target);
            model.Fingerprint.Should().Be(expected.Fingerprint);
            (model.Configuration with { Name = "" }).Should().Be(expected.Configuration with { Name = "" });
            PublishedForms.Compute(target).Should().Equal(PublishedForms.Compute(PublishedForms.PathOf("gguf/model.gguf")));
        }
    }

    [Theory]
    [InlineData(ModelQuantization.F16, 1e-3)]
    // Eight times F16's tolerance, because BF16 has three bits less precision.
    [InlineData(ModelQuantization.BF16, 8e-3)]
    public void Convert_ToHalves_RoundsOnceWhateverTheForm(ModelQuantization type, double tolerance)
    {
        var options = new ModelConversionOptions { Quantization = type };
        ModelConverter.Convert(PublishedForms.PathOf("huggingface"), _folder.File("model.gguf"), options);
        ModelConverter.Convert(PublishedForms.PathOf("gguf/model.gguf"), _folder.File("folder"), options);
        ModelConverter.Convert(_folder.File("folder"), _folder.File("back.gguf"));

        float[] logits = PublishedForms.Compute(_folder.File("back.gguf"));
        GoldenModel.RelativeError(logits, PublishedForms.Logits()).Should().BeInRange(1e-6, tolerance, "the weights were rounded");
        GoldenModel.RelativeError(PublishedForms.Compute(_folder.File("model.gguf")), logits).Should().BeLessThan(tolerance, "except for the norms, the weights are the same");
        using IModelFile gguf = ModelFiles.Open(_folder.File("model.gguf")), folder = ModelFiles.Open(_folder.File("folder"));
        gguf.Tensors.Where(tensor => tensor.Dimensions.Count == 1).Should().OnlyContain(tensor => tensor.Type == GgmlType.F32);
        foreach (TensorDescription tensor in gguf.Tensors.Where(tensor => tensor.Dimensions.Count == 2))
        {
            tensor.Type.ToString().Should().Be(type.ToString());
            folder.TryGetTensor(tensor.Name, out TensorDescription? same).Should().BeTrue();
            Bytes(folder, same!).Should().Equal(Bytes(gguf, tensor), tensor.Name);
        }
    }

    [Fact]
    public void Convert_TiedBlocksToFloats_KeepsEveryWeight()
    {
        ModelConverter.Convert(DemonstrationModel.Path, _folder.File("folder"), new ModelConversionOptions { Quantization = ModelQuantization.F32 });

        File.ReadAllText(Path.Combine(_folder.File("folder"), "config.json")).Should().Contain("\"tie_word_embeddings\": true");
        using IModelFile source = ModelFiles.Open(DemonstrationModel.Path), folder = ModelFiles.Open(_folder.File("folder"));
        folder.Tensors.Should().HaveCount(source.Tensors.Count);
        foreach (TensorDescription tensor in source.Tensors)
        {
            folder.TryGetTensor(tensor.Name, out TensorDescription? floats).Should().BeTrue();
            float[] weights = new float[tensor.RowLength * tensor.RowCount];
            WeightFormats.Dequantize(tensor.Type, Bytes(source, tensor), weights);
            MemoryMarshal.Cast<byte, float>(Bytes(folder, floats!)).ToArray().Should().Equal(weights, tensor.Name);
        }

        var expected = ModelTokenizer.Load(DemonstrationModel.Path);
        var tokenizer = ModelTokenizer.Load(_folder.File("folder"));
        const string Text = "Once upon a time, there was a fox. 🦊 </s> [INST]";
        tokenizer.Encode(Text, addBeginOfSequence: true).Should().Equal(expected.Encode(Text, addBeginOfSequence: true));
        ModelFileInformation.Read(_folder.File("folder")).ChatTemplate.Should().Be(ModelFileInformation.Read(DemonstrationModel.Path).ChatTemplate);
    }

    [Fact]
    public void Convert_SmallShards_HaveAnIndexThatOpens()
    {
        ModelConverter.Convert(PublishedForms.PathOf("gguf/model.gguf"), _folder.File("folder"), new ModelConversionOptions { MaxShardByteSize = 40_000 });

        string[] names = [.. Directory.GetFiles(_folder.File("folder"), "*.safetensors").Select(path => Path.GetFileName(path)!).Order()];
        names.Should().HaveCountGreaterThan(2).And.Contain($"model-00002-of-{names.Length:D5}.safetensors");
        PublishedForms.Compute(_folder.File("folder")).Should().Equal(PublishedForms.Compute(PublishedForms.PathOf("gguf/model.gguf")));
    }

    [Fact]
    public void Convert_MetadataOfEveryType_IsKept()
    {
        var values = new Dictionary<string, object>
        {
            ["a.u8"] = (byte)255,
            ["a.i8"] = (sbyte)-1,
            ["a.u16"] = ushort.MaxValue,
            ["a.i16"] = short.MinValue,
            ["a.i64"] = long.MinValue,
            ["a.f64"] = Math.PI,
            ["bytes"] = new byte[] { 1, 2 },
            ["longs"] = new[] { 1L, -1L },
            ["bools"] = new[] { true, false },
            ["uints"] = new[] { uint.MaxValue },
        };
        var builder = TinyModel.Describe();
        foreach ((string key, object value) in values)
            builder.Add(key, value);
        File.WriteAllBytes(_folder.File("source.gguf"), builder.Build());

        ModelConverter.Convert(_folder.File("source.gguf"), _folder.File("target.gguf"));

        using var source = GgufFile.Open(_folder.File("source.gguf"));
        using var target = GgufFile.Open(_folder.File("target.gguf"));
        target.Metadata.Keys.Should().Equal(source.Metadata.Keys);
        foreach ((string key, object value) in source.Metadata)
            target.Metadata[key].Should().BeOfType(value.GetType()).And.BeEquivalentTo(value, options => options.WithStrictOrdering(), key);
        foreach (TensorDescription tensor in source.Tensors)
        {
            target.TryGetTensor(tensor.Name, out TensorDescription? same).Should().BeTrue();
            Bytes(target, same!).Should().Equal(Bytes(source, tensor), "each tensor keeps its type");
        }
    }

    public static TheoryData<string, float, float> Scalings => new() { { "linear", 4, 1 }, { "yarn", 8, 1.5f } };

    [Theory]
    [MemberData(nameof(Scalings))]
    public void Convert_RopeScaling_SurvivesBothWays(string type, float factor, float attentionFactor)
    {
        (string, object)[] metadata = type == "linear"
            ? [("llama.rope.scaling.type", type), ("llama.rope.scaling.factor", factor)]
            : [("llama.rope.scaling.type", type), ("llama.rope.scaling.factor", factor), ("llama.rope.scaling.original_context_length", 64u), ("llama.rope.scaling.attn_factor", attentionFactor)];
        using GgufFile source = FloatModel.Open(1, metadata);

        HuggingFaceExport.Write(source, _folder.File("folder"), new ModelConversionOptions(), null, CancellationToken.None);

        RopeScaling read = ModelFileInformation.Read(_folder.File("folder")).Configuration!.RopeScaling;
        (read.Type.ToString().ToLowerInvariant(), read.Factor, read.OriginalContextLength).Should().Be((type, factor, type == "yarn" ? 64 : null));
        read.AttentionFactor.Should().BeApproximately(attentionFactor, 1e-6f);
    }

    [Fact]
    public void Convert_FrequencyFactorsToAFolder_AreRefused()
    {
        byte[] factors = [.. Enumerable.Repeat(BitConverter.GetBytes(1f), 8).SelectMany(bytes => bytes)];
        File.WriteAllBytes(_folder.File("x.gguf"), TinyModel.Describe().AddTensor("rope_freqs.weight", GgmlType.F32, [8], factors).Build());

        FluentActions.Invoking(() => ModelConverter.Convert(_folder.File("x.gguf"), _folder.File("folder")))
            .Should().Throw<ModelFormatException>().WithMessage("*rope_freqs.weight*convert to GGUF*");
        Directory.GetFileSystemEntries(_folder.Path).Should().ContainSingle();
    }

    [Fact]
    public void Convert_WeightTooLargeForAHalf_IsRefusedAndLeavesNothing()
    {
        byte[] model = File.ReadAllBytes(PublishedForms.PathOf("gguf/model.gguf"));
        BitConverter.TryWriteBytes(model.AsSpan(model.Length - 4096), 1e6f);
        File.WriteAllBytes(_folder.File("x.gguf"), model);

        foreach (string target in new[] { "y.gguf", "folder" })
        {
            FluentActions.Invoking(() => ModelConverter.Convert(_folder.File("x.gguf"), _folder.File(target), new ModelConversionOptions { Quantization = ModelQuantization.F16 }))
                .Should().Throw<ModelFormatException>().WithMessage("*'output.weight'*too large*BF16*");
        }

        Directory.GetFileSystemEntries(_folder.Path).Should().ContainSingle();
    }

    [Theory]
    [InlineData("model.gguf")]
    [InlineData("folder")]
    public void Convert_CancelledInTheMiddle_LeavesNothing(string target)
    {
        using var cancellation = new CancellationTokenSource();
        var progress = new Callback(value =>
        {
            value.CompletedBytes.Should().BeLessThanOrEqualTo(value.TotalBytes);
            if (value.Fraction > 0.5)
                cancellation.Cancel();
        });

        FluentActions.Invoking(() => ModelConverter.Convert(PublishedForms.PathOf("huggingface"), _folder.File(target), null, progress, cancellation.Token))
            .Should().Throw<OperationCanceledException>();
        Directory.GetFileSystemEntries(_folder.Path).Should().BeEmpty();
    }

    [Fact]
    public void Convert_Progress_EndsAtTheWhole()
    {
        ByteProgress last = default;
        ModelConverter.Convert(PublishedForms.PathOf("huggingface"), _folder.File("folder"), null, new Callback(value => last = value));
        using IModelFile folder = ModelFiles.Open(_folder.File("folder"));
        last.CompletedBytes.Should().Be(last.TotalBytes).And.Be(folder.Tensors.Sum(tensor => tensor.ByteSize));
    }

    [Fact]
    public void Convert_FolderThatExists_IsRefusedUnlessEmpty()
    {
        string path = _folder.File("folder");
        Directory.CreateDirectory(path);
        ModelConverter.Convert(PublishedForms.PathOf("huggingface"), path);

        FluentActions.Invoking(() => ModelConverter.Convert(PublishedForms.PathOf("huggingface"), path)).Should().Throw<IOException>().WithMessage("*exists already*");
        FluentActions.Invoking(() => ModelConverter.Convert(path, path + "/")).Should().Throw<ArgumentException>();
    }

    [Fact]
    public void Options_OutOfRange_AreRefused()
    {
        FluentActions.Invoking(() => new ModelConversionOptions { Quantization = ModelQuantization.Q4_0 }).Should().Throw<ArgumentOutOfRangeException>();
        FluentActions.Invoking(() => new ModelConversionOptions { MaxShardByteSize = 0 }).Should().Throw<ArgumentOutOfRangeException>();
    }

    private static byte[] Bytes(IModelFile file, TensorDescription tensor)
    {
        byte[] bytes = new byte[tensor.ByteSize];
        file.Read(tensor, 0, bytes);
        return bytes;
    }

    private sealed class Callback(Action<ByteProgress> report) : IProgress<ByteProgress>
    {
        public void Report(ByteProgress value) => report(value);
    }
}
