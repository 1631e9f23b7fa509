using Llama2.Tests.Conversion;

namespace Llama2.Tests.Adapters;

/// <summary>
/// Adapters whose files also contain weights of the model itself: PEFT stores them by default if the adapter changes embeddings or output.
/// </summary>
public sealed class PeftBaseCopyTests : IDisposable
{
    private const string Prefix = "base_model.model.";
    private const string Query = Prefix + "model.layers.1.self_attn.q_proj", Output = Prefix + "lm_head", Embedding = Prefix + "model.embed_tokens";

    // Everything is computed in float32, and each sum is rounded by a relative 6e-8.
    private const double Tolerance = 1e-6;
    private static readonly string s_plain = Path.Combine(RepositoryFiles.Committed("tests", "data", "adapters"), "plain");
    private readonly SafeTensorsContent _model = SafeTensorsContent.Read(PublishedForms.PathOf("huggingface/model.safetensors"));
    private readonly SafeTensorsContent _adapter = SafeTensorsContent.Read(Path.Combine(s_plain, "adapter_model.safetensors"));
    private readonly TemporaryFolder _folder = new();

    public PeftBaseCopyTests() => File.Copy(Path.Combine(s_plain, "adapter_config.json"), _folder.File("adapter_config.json"));

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("F32", "huggingface")]
    [InlineData("F16", "huggingface")]
    [InlineData("BF16", "gguf/model.gguf")]
    public async Task LoadAdapter_UnchangedCopies_AreSkipped(string dataType, string form)
    {
        AddCopies(dataType);
        using LlamaModel model = LlamaModel.Load(PublishedForms.PathOf(form));
        using LlamaAdapter adapter = model.LoadAdapter(_folder.Path), without = model.LoadAdapter(s_plain);

        float[] actual = await model.ComputeLogitsAsync(PublishedForms.Tokens, new() { Adapters = [new(adapter)] });

        GoldenModel.RelativeError(actual, GoldenModel.ReadFloats(s_plain + ".logits.f32")).Should().BeLessThan(Tolerance);
        actual.Should().Equal(await model.ComputeLogitsAsync(PublishedForms.Tokens, new() { Adapters = [new(without)] }));
    }

    [Fact]
    public void Merge_UnchangedCopies_AreSkipped()
    {
        AddCopies("BF16");
        string merged = _folder.File("merged.gguf");
        AdapterMerger.Merge(PublishedForms.PathOf("huggingface"), [(_folder.Path, 1)], merged);

        GoldenModel.RelativeError(PublishedForms.Compute(merged), GoldenModel.ReadFloats(s_plain + ".logits.f32")).Should().BeLessThan(Tolerance);
    }

    // A model stored in a 16-bit type, and an adapter whose copies of the model's weights were widened to F32 or converted to the other 16-bit type.
    [Theory]
    [InlineData(ModelQuantization.F16, "F16")]
    [InlineData(ModelQuantization.BF16, "BF16")]
    [InlineData(ModelQuantization.F16, "F32")]
    public void LoadAdapter_CopiesOfAModelInSixteenBits_AreSkipped(ModelQuantization modelType, string dataType)
    {
        string path = _folder.File("model.gguf");
        ModelConverter.Convert(PublishedForms.PathOf("huggingface"), path, new ModelConversionOptions { Quantization = modelType });
        AddCopies(dataType);

        using LlamaModel model = LlamaModel.Load(path);
        model.LoadAdapter(_folder.Path).Dispose();
    }

    [Theory]
    [InlineData(ModelQuantization.Q8_0)]
    [InlineData(ModelQuantization.Q4_0)]
    [InlineData(ModelQuantization.Q2_K)]
    public void LoadAdapter_CopiesOfAQuantizedModel_AreSkippedIfTheyWereNotTrained(ModelQuantization quantization)
    {
        string path = _folder.File("model.gguf");
        ModelQuantizer.Quantize(PublishedForms.PathOf("huggingface"), path, quantization);
        using LlamaModel model = LlamaModel.Load(path);
        AddCopies("F16");
        model.LoadAdapter(_folder.Path).Dispose();
    }

    [Fact]
    public void LoadAdapter_CopyOfAnotherModelBesideAQuantizedOne_IsRefused()
    {
        string path = _folder.File("model.gguf");
        ModelQuantizer.Quantize(PublishedForms.PathOf("huggingface"), path, ModelQuantization.Q4_0);
        using LlamaModel model = LlamaModel.Load(path);
        _adapter.AddFrom(_model, "model.embed_tokens.weight", Output + ".base_layer.weight").Write(_folder.File("adapter_model.safetensors"));

        Refuses(model, $"'{Output}.base_layer.weight' is different from the model's 'output.weight' by*of its magnitude");
    }

    [Theory]
    [InlineData("model.layers.1.self_attn.q_proj.weight", Query + ".base_layer.weight")]
    [InlineData("lm_head.weight", Output + ".original_module.weight")]
    public void LoadAdapter_OneWeightChanged_IsRefusedByName(string source, string name)
    {
        string path = _folder.File("adapter_model.safetensors");
        _adapter.AddFrom(_model, source, name).Write(path);
        using LlamaModel model = LlamaModel.Load(PublishedForms.PathOf("huggingface"));
        model.LoadAdapter(_folder.Path).Dispose();

        byte[] data = _adapter.DataOf(name);
        data[data.Length / 2 / sizeof(float) * sizeof(float)] ^= 1;
        _adapter.Write(path);
        Refuses(model, $"'{name}' is different from the model's*from row*merge_and_unload");
        FluentActions.Invoking(() => AdapterMerger.Merge(PublishedForms.PathOf("huggingface"), [(_folder.Path, 1)], _folder.File("merged.gguf"))).Should().Throw<ModelFormatException>().WithMessage($"*'{name}'*");
    }

    // In a state dict that was saved without PEFT's own function, the tensor names contain the adapter's name.
    [Fact]
    public async Task LoadAdapter_AdaptersNameInTheTensorsNames_IsReadAsWithoutIt()
    {
        _adapter.Rename(name => name.EndsWith(".weight", StringComparison.Ordinal) ? name.Replace(".weight", ".default.weight", StringComparison.Ordinal) : name + ".default").Write(_folder.File("adapter_model.safetensors"));
        using LlamaModel model = LlamaModel.Load(PublishedForms.PathOf("huggingface"));
        using LlamaAdapter adapter = model.LoadAdapter(_folder.Path);

        GoldenModel.RelativeError(await model.ComputeLogitsAsync(PublishedForms.Tokens, new() { Adapters = [new(adapter)] }), GoldenModel.ReadFloats(s_plain + ".logits.f32")).Should().BeLessThan(Tolerance);
    }

    private void AddCopies(string dataType) => _adapter
        .AddFrom(_model, "lm_head.weight", Output + ".base_layer.weight", dataType)
        .AddFrom(_model, "model.embed_tokens.weight", Embedding + ".base_layer.weight", dataType)
        .Write(_folder.File("adapter_model.safetensors"));

    private void Refuses(LlamaModel model, string message) =>
        FluentActions.Invoking(() => model.LoadAdapter(_folder.Path)).Should().Throw<ModelFormatException>().WithMessage($"*{message}*");
}
