using Llama2.Tests.Conversion;

namespace Llama2.Tests.Adapters;

/// <summary>Adapters that tests/Reference/adapters.py wrote, compared with the results that it computed in exact arithmetic.</summary>
public sealed class PeftAdapterTests : IDisposable
{
    // Everything is computed in float32, and each sum is rounded by a relative 6e-8.
    private const double Tolerance = 1e-6;
    private readonly LlamaModel _model = LlamaModel.Load(PublishedForms.PathOf("huggingface"));

    public void Dispose() => _model.Dispose();

    [Theory]
    [InlineData("plain", 1, "plain")] // F32, all matrices, output and embeddings
    [InlineData("plain", 0.5f, "plain-half")]
    [InlineData("stabilized", 1, "stabilized")] // F16, rsLoRA
    [InlineData("patterns", 1, "patterns")] // BF16, ranks and alphas by module
    [InlineData("decomposed", 1, "decomposed")] // DoRA, all matrices and the output
    [InlineData("decomposed", 0.5f, "decomposed-half")]
    [InlineData("norms", 1, "norms")] // all norms are replaced
    [InlineData("rows", 1, "rows")] // rows of tokens in the embeddings and in the output matrix
    [InlineData("rows", 0.5f, "rows-half")]
    [InlineData("rows-list", 1, "rows-list")] // rows of tokens in the embeddings alone
    public async Task LoadAdapter_FolderOfPeft_GivesTheLogitsOfExactArithmetic(string folder, float scale, string logits)
    {
        using LlamaAdapter adapter = _model.LoadAdapter(PathOf(folder));

        float[] actual = await _model.ComputeLogitsAsync(PublishedForms.Tokens, new() { Adapters = [new(adapter, scale)] });

        GoldenModel.RelativeError(actual, GoldenModel.ReadFloats(PathOf(logits + ".logits.f32"))).Should().BeLessThan(Tolerance);
        GoldenModel.RelativeError(actual, PublishedForms.Logits()).Should().BeGreaterThan(1e-2, "the adapter changes something");
    }

    [Fact]
    public async Task LoadAdapter_GgufOrFolderOrFileOfPeft_GivesTheSameBits()
    {
        using LlamaAdapter gguf = _model.LoadAdapter(PathOf("plain.gguf")), folder = _model.LoadAdapter(PathOf("plain")), file = _model.LoadAdapter(PathOf("plain/adapter_model.safetensors"));

        float[] expected = await _model.ComputeLogitsAsync(PublishedForms.Tokens, new() { Adapters = [new(gguf)] });

        (await _model.ComputeLogitsAsync(PublishedForms.Tokens, new() { Adapters = [new(folder)] })).Should().Equal(expected);
        (await _model.ComputeLogitsAsync(PublishedForms.Tokens, new() { Adapters = [new(file)] })).Should().Equal(expected);
        (folder.Name, folder.MaxRank).Should().Be(("plain", 4));
    }

    // The form in which adapters were published in 2023: adapter_model.bin alone.
    [Fact]
    public async Task LoadAdapter_WeightsInPyTorchsFormat_GivesTheSameBits()
    {
        using var folder = new TemporaryFolder();
        File.Copy(PathOf("plain/adapter_config.json"), folder.File("adapter_config.json"));
        File.Copy(RepositoryFiles.Committed("tests", "data", "pytorch", "adapter_model.bin"), folder.File("adapter_model.bin"));
        using LlamaAdapter safetensors = _model.LoadAdapter(PathOf("plain")), pytorch = _model.LoadAdapter(folder.Path), file = _model.LoadAdapter(folder.File("adapter_model.bin"));

        float[] expected = await _model.ComputeLogitsAsync(PublishedForms.Tokens, new() { Adapters = [new(safetensors)] });

        (await _model.ComputeLogitsAsync(PublishedForms.Tokens, new() { Adapters = [new(pytorch)] })).Should().Equal(expected);
        (await _model.ComputeLogitsAsync(PublishedForms.Tokens, new() { Adapters = [new(file)] })).Should().Equal(expected);
        AdapterInformation.Read(folder.Path).FormatName.Should().Be("PEFT PyTorch");
        string target = folder.File("merged.gguf");
        AdapterMerger.Merge(PublishedForms.PathOf("huggingface"), [(folder.Path, 0.5f)], target);
        using var merged = LlamaModel.Load(target);
        GoldenModel.RelativeError(await merged.ComputeLogitsAsync(PublishedForms.Tokens), GoldenModel.ReadFloats(PathOf("plain-half.logits.f32"))).Should().BeLessThan(Tolerance);
    }

    // The changes of both adapters are those of the model's own weights, and add up.
    [Fact]
    public async Task LoadAdapter_MagnitudesBesideAnotherAdapter_GivesTheLogitsOfExactArithmetic()
    {
        using LlamaAdapter plain = _model.LoadAdapter(PathOf("plain")), decomposed = _model.LoadAdapter(PathOf("decomposed"));
        using var folder = new TemporaryFolder();
        string target = folder.File("merged.gguf");
        AdapterMerger.Merge(PublishedForms.PathOf("huggingface"), [(PathOf("decomposed"), 1), (PathOf("plain"), 1)], target);
        using var merged = LlamaModel.Load(target);
        float[] expected = GoldenModel.ReadFloats(PathOf("decomposed-plain.logits.f32"));

        float[] actual = await _model.ComputeLogitsAsync(PublishedForms.Tokens, new() { Adapters = [new(plain), new(decomposed)] });

        GoldenModel.RelativeError(actual, expected).Should().BeLessThan(Tolerance);
        GoldenModel.RelativeError(await merged.ComputeLogitsAsync(PublishedForms.Tokens), expected).Should().BeLessThan(Tolerance);
    }

    [Fact]
    public async Task LoadAdapter_NormsAtHalfOfTheStrengthBesideAnotherAdapter_GivesTheLogitsOfExactArithmetic()
    {
        using LlamaAdapter plain = _model.LoadAdapter(PathOf("plain")), norms = _model.LoadAdapter(PathOf("norms"));
        using var folder = new TemporaryFolder();
        string target = folder.File("merged.gguf");
        AdapterMerger.Merge(PublishedForms.PathOf("huggingface"), [(PathOf("norms"), 0.5f), (PathOf("plain"), 1)], target);
        using var merged = LlamaModel.Load(target);
        float[] expected = GoldenModel.ReadFloats(PathOf("norms-half-plain.logits.f32"));

        float[] actual = await _model.ComputeLogitsAsync(PublishedForms.Tokens, new() { Adapters = [new(plain), new(norms, 0.5f)] });

        GoldenModel.RelativeError(actual, expected).Should().BeLessThan(Tolerance);
        GoldenModel.RelativeError(await merged.ComputeLogitsAsync(PublishedForms.Tokens), expected).Should().BeLessThan(Tolerance);
    }

    // Sequences with other norms and rows share passes with those that have the model's own, and each gets the bits that it gets alone.
    [Fact]
    public async Task LoadAdapter_NormsAndRowsInABatchAndOnSeveralThreads_GivesTheSameBits()
    {
        float[][]? first = null;
        foreach (int threads in (int[])[1, 2, 3])
        {
            using LlamaModel model = LlamaModel.Load(PublishedForms.PathOf("huggingface"), new LlamaModelOptions { ThreadCount = threads });
            using LlamaAdapter norms = model.LoadAdapter(PathOf("norms")), plain = model.LoadAdapter(PathOf("plain")), rows = model.LoadAdapter(PathOf("rows"));
            LlamaAdapterUse[][] uses = [[new(norms)], [new(rows)], [new(norms, 0.5f), new(rows, 2)], [], [new(norms, 0.5f)], [new(plain)], [new(norms), new(plain, 0.5f)], [new(norms)]];

            float[][] together = await Task.WhenAll(uses.Select(adapters => model.ComputeLogitsAsync(PublishedForms.Tokens, new() { Adapters = adapters })));

            first ??= together;
            for (int i = 0; i < uses.Length; i++)
            {
                together[i].Should().Equal(await model.ComputeLogitsAsync(PublishedForms.Tokens, new() { Adapters = uses[i] }));
                together[i].Should().Equal(first[i]);
            }
        }
    }

    // An embedding is taken after the last norm.
    [Fact]
    public async Task LoadAdapter_Norms_GivesTheEmbeddingsOfTheMergedModel()
    {
        using var folder = new TemporaryFolder();
        string target = folder.File("merged.gguf");
        AdapterMerger.Merge(PublishedForms.PathOf("huggingface"), [(PathOf("norms"), 1)], target);
        using var merged = LlamaModel.Load(target);
        using LlamaAdapter norms = _model.LoadAdapter(PathOf("norms"));

        float[][] actual = await _model.ComputeEmbeddingsAsync(["a dog"], new EmbeddingOptions { Adapters = [new(norms)] });

        float[][] expected = await merged.ComputeEmbeddingsAsync(["a dog"]), own = await _model.ComputeEmbeddingsAsync(["a dog"]);
        GoldenModel.RelativeError(actual[0], expected[0]).Should().BeLessThan(Tolerance);
        GoldenModel.RelativeError(actual[0], own[0]).Should().BeGreaterThan(1e-2, "the adapter changes something");
    }

    [Theory]
    [InlineData("decomposed", 1, "decomposed")]
    [InlineData("decomposed", 0.5f, "decomposed-half")]
    [InlineData("norms", 1, "norms")]
    [InlineData("rows", 1, "rows")]
    [InlineData("rows", 0.5f, "rows-half")]
    [InlineData("rows-list", 1, "rows-list")]
    public async Task Merge_MagnitudesNormsOrRows_GivesTheLogitsOfExactArithmetic(string adapter, float scale, string logits)
    {
        using var folder = new TemporaryFolder();
        string target = folder.File("merged.gguf");

        AdapterMerger.Merge(PublishedForms.PathOf("huggingface"), [(PathOf(adapter), scale)], target);

        using var merged = LlamaModel.Load(target);
        GoldenModel.RelativeError(await merged.ComputeLogitsAsync(PublishedForms.Tokens), GoldenModel.ReadFloats(PathOf(logits + ".logits.f32"))).Should().BeLessThan(Tolerance);
    }

    // Names of versions of PEFT, and of weights that were saved without PEFT's own function.
    [Theory]
    [InlineData(".lora_magnitude_vector.weight")]
    [InlineData(".lora_magnitude_vector.default")]
    [InlineData(".lora_magnitude_vector.default.weight")]
    public async Task LoadAdapter_OtherNameOfMagnitudes_GivesTheSameBits(string name)
    {
        using var folder = new TemporaryFolder();
        File.Copy(PathOf("decomposed/adapter_config.json"), folder.File("adapter_config.json"));
        SafeTensorsContent.Read(PathOf("decomposed/adapter_model.safetensors"))
            .Rename(tensor => tensor.Replace(".lora_magnitude_vector", name, StringComparison.Ordinal)).Write(folder.File("adapter_model.safetensors"));
        using LlamaAdapter expected = _model.LoadAdapter(PathOf("decomposed")), actual = _model.LoadAdapter(folder.Path);

        actual.Fingerprint.Should().Be(expected.Fingerprint);
        (await _model.ComputeLogitsAsync(PublishedForms.Tokens, new() { Adapters = [new(actual)] })).Should().Equal(await _model.ComputeLogitsAsync(PublishedForms.Tokens, new() { Adapters = [new(expected)] }));
    }

    [Theory]
    [InlineData("huggingface")]
    [InlineData("gguf/model.gguf")]
    [InlineData("llama2c/version1.bin")]
    public async Task Merge_FolderOfPeftIntoAModelOfAnyForm_GivesTheLogitsOfExactArithmetic(string form)
    {
        using var folder = new TemporaryFolder();
        string target = folder.File("merged.gguf");

        AdapterMerger.Merge(PublishedForms.PathOf(form), [(PathOf("plain"), 0.5f)], target);

        using var merged = LlamaModel.Load(target);
        GoldenModel.RelativeError(await merged.ComputeLogitsAsync(PublishedForms.Tokens), GoldenModel.ReadFloats(PathOf("plain-half.logits.f32"))).Should().BeLessThan(Tolerance);
    }

    [Fact]
    public void Read_FolderOfPeft_TellsRankAndScaleOfEachTensor()
    {
        AdapterInformation information = AdapterInformation.Read(PathOf("patterns"));

        information.FormatName.Should().Be("PEFT safetensors");
        information.Path.Should().Be(PathOf("patterns"));
        Describe("blk.0.attn_v.weight").Should().Be((2, 4));
        Describe("blk.1.attn_q.weight").Should().Be((3, 1 / 3f), "the first matching pattern applies");
        Describe("blk.0.ffn_down.weight").Should().Be((4, 5.5f / 4));
        Describe("blk.1.ffn_down.weight").Should().Be((4, 0.5f));
        Describe("blk.1.ffn_up.weight").Should().Be((4, 2));
        information.HasMagnitudes.Should().BeFalse();
        AdapterInformation.Read(PathOf("decomposed")).HasMagnitudes.Should().BeTrue();

        (int Rank, float Scale) Describe(string name) => information.Tensors.Where(tensor => tensor.BaseName == name).Select(tensor => (tensor.Rank, tensor.Scale)).Single();
    }

    private static string PathOf(string name) => Path.Combine([RepositoryFiles.Committed("tests", "data", "adapters"), .. name.Split('/')]);
}
