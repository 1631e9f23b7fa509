using System.Text.Json.Nodes;
using Llama2.Formats;
using Llama2.Formats.Gguf;
using Llama2.Quantization;
using Llama2.Tests.Conversion;

namespace Llama2.Tests.Adapters;

/// <summary>
/// Adapters with whole tensors that replace those of the model (PEFT's modules_to_save), and with rows of new tokens. tests/Reference/adapters.py wrote the
/// adapter in tests/data/adapters/tokens, which has three new tokens, and computed its results in exact arithmetic.
/// </summary>
public sealed class ReplacementTests : IDisposable
{
    private const string Embedding = "base_model.model.model.embed_tokens.weight", Output = "base_model.model.lm_head.weight";
    private const int OwnCount = 290, AddedCount = 3, FirstLayerWidth = 32;

    // Everything is computed in float32, and each sum is rounded by a relative 6e-8.
    private const double Tolerance = 1e-6;
    private static readonly string s_added = Path.Combine(RepositoryFiles.Committed("tests", "data", "adapters"), "tokens");
    private readonly TemporaryFolder _folder = new();
    private readonly SafeTensorsContent _adapter = SafeTensorsContent.Read(Path.Combine(s_added, "adapter_model.safetensors"));

    public void Dispose() => _folder.Dispose();

    // The same adapter without the rows of new tokens, with the names of modules_to_save in different versions of PEFT.
    [Theory]
    [InlineData(".weight")]
    [InlineData(".modules_to_save.weight")]
    [InlineData(".modules_to_save.default.weight")]
    public async Task LoadAdapter_WholeEmbeddingsAndOutput_GivesTheLogitsOfExactArithmetic(string ending)
    {
        WriteWithoutAddedTokens(name => name == Embedding || name == Output ? name.Replace(".weight", ending, StringComparison.Ordinal) : name);
        using LlamaModel model = LlamaModel.Load(PublishedForms.PathOf("huggingface"));
        using LlamaAdapter adapter = model.LoadAdapter(_folder.Path);

        float[] actual = await model.ComputeLogitsAsync(PublishedForms.Tokens, new() { Adapters = [new(adapter)] });

        GoldenModel.RelativeError(actual, LogitsOfOwnTokens()).Should().BeLessThan(Tolerance);
        GoldenModel.RelativeError(await model.ComputeLogitsAsync(PublishedForms.Tokens), PublishedForms.Logits()).Should().BeLessThan(Tolerance, "without the adapter the model is as before");
        adapter.ByteSize.Should().BeGreaterThan(2 * OwnCount * FirstLayerWidth * sizeof(float));
    }

    [Fact]
    public void Merge_WholeEmbeddingsAndOutput_WritesTheAdaptersRows()
    {
        WriteWithoutAddedTokens(name => name);
        string merged = _folder.File("merged.gguf");

        AdapterMerger.Merge(PublishedForms.PathOf("huggingface"), [(_folder.Path, 1)], merged);

        GoldenModel.RelativeError(PublishedForms.Compute(merged), LogitsOfOwnTokens()).Should().BeLessThan(Tolerance);
        using var file = Llama2.Formats.Gguf.GgufFile.Open(merged);
        file.TryGetTensor("output.weight", out TensorDescription? output).Should().BeTrue();
        float[] row = new float[FirstLayerWidth];
        ReadRow(file, output!, 17, row);
        row.Should().Equal(Widen(_adapter.DataOf(Output)).AsSpan(17 * FirstLayerWidth, FirstLayerWidth).ToArray());
    }

    // Two adapters that add their differences. Both logits are rounded.
    [Theory]
    [InlineData(0.5f)]
    [InlineData(-1f)]
    public async Task LoadAdapter_OtherScale_GivesTheLogitsOfTheMergedModel(float scale)
    {
        WriteWithoutAddedTokens(name => name);
        string merged = _folder.File("merged.gguf"), plain = Path.Combine(Path.GetDirectoryName(s_added)!, "plain");
        AdapterMerger.Merge(PublishedForms.PathOf("huggingface"), [(_folder.Path, scale), (plain, 1)], merged);
        using LlamaModel model = LlamaModel.Load(PublishedForms.PathOf("huggingface"));
        using LlamaAdapter saved = model.LoadAdapter(_folder.Path), other = model.LoadAdapter(plain);

        float[] actual = await model.ComputeLogitsAsync(PublishedForms.Tokens, new() { Adapters = [new(saved, scale), new(other)] });

        GoldenModel.RelativeError(actual, PublishedForms.Compute(merged)).Should().BeLessThan(2 * Tolerance);
    }

    // Activations of the quantized layers have 8 bits at run time. In the merged model the output matrix is not quantized, so only its products differ.
    [Fact]
    public async Task LoadAdapter_OverAQuantizedModel_GivesTheLogitsOfTheMergedModel()
    {
        string path = _folder.File("model.gguf"), merged = _folder.File("merged.gguf");
        ModelQuantizer.Quantize(PublishedForms.PathOf("huggingface"), path, ModelQuantization.Q8_0);
        WriteWithoutAddedTokens(name => name);
        AdapterMerger.Merge(path, [(_folder.Path, 1)], merged, new AdapterMergeOptions { Quantization = ModelQuantization.F32 });
        using LlamaModel model = LlamaModel.Load(path);
        using LlamaAdapter adapter = model.LoadAdapter(_folder.Path);

        float[] actual = await model.ComputeLogitsAsync(PublishedForms.Tokens, new() { Adapters = [new(adapter)] });

        GoldenModel.RelativeError(actual, PublishedForms.Compute(merged)).Should().BeLessThan(2e-2);
        GoldenModel.RelativeError(await model.ComputeLogitsAsync(PublishedForms.Tokens), PublishedForms.Compute(merged)).Should().BeGreaterThan(0.1, "the adapter changes something");
    }

    // Concurrent sequences with and without the adapter share passes, and any number of threads gives the same bits.
    [Fact]
    public async Task LoadAdapter_InABatchAndOnSeveralThreads_GivesTheSameBits()
    {
        WriteWithoutAddedTokens(name => name);
        float[][]? first = null;
        foreach (int threads in (int[])[1, 2, 3])
        {
            using LlamaModel model = LlamaModel.Load(PublishedForms.PathOf("huggingface"), new LlamaModelOptions { ThreadCount = threads });
            using LlamaAdapter adapter = model.LoadAdapter(_folder.Path);
            float[] alone = await model.ComputeLogitsAsync(PublishedForms.Tokens, new() { Adapters = [new(adapter)] });
            float[][] together = await Task.WhenAll(Enumerable.Range(0, 6).Select(i => model.ComputeLogitsAsync(PublishedForms.Tokens, new() { Adapters = i % 2 == 0 ? [new(adapter)] : [] })));

            together[0].Should().Equal(alone);
            first ??= together;
            for (int i = 0; i < together.Length; i++)
            {
                together[i].Should().Equal(first[i]);
            }
        }
    }

    // A tied output matrix is a copy of the embeddings. It stays as it is unless the adapter replaces it, too.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task LoadAdapter_OfATiedModel_GivesTheLogitsOfTheMergedModel(bool replacesOutput)
    {
        string tied = _folder.File("tied"), merged = _folder.File("merged.gguf");
        Directory.CreateDirectory(tied);
        foreach (string file in Directory.GetFiles(PublishedForms.PathOf("huggingface")))
        {
            File.Copy(file, Path.Combine(tied, Path.GetFileName(file)));
        }

        JsonNode configuration = JsonNode.Parse(File.ReadAllText(Path.Combine(tied, "config.json")))!;
        configuration["tie_word_embeddings"] = true;
        File.WriteAllText(Path.Combine(tied, "config.json"), configuration.ToJsonString());
        WriteWithoutAddedTokens(name => name, name => replacesOutput || name != Output);
        AdapterMerger.Merge(tied, [(_folder.Path, 1)], merged);
        using LlamaModel model = LlamaModel.Load(tied);
        using LlamaAdapter adapter = model.LoadAdapter(_folder.Path);

        float[] actual = await model.ComputeLogitsAsync(PublishedForms.Tokens, new() { Adapters = [new(adapter)] });

        GoldenModel.RelativeError(actual, PublishedForms.Compute(merged)).Should().BeLessThan(2 * Tolerance, "both are rounded");
        ModelFileInformation.Read(merged).Tensors.Should().Contain(tensor => tensor.Name == "output.weight");
    }

    [Fact]
    public void LoadAdapter_MoreTokensThanTheModel_IsRefusedWithTheRemedy()
    {
        using LlamaModel model = LlamaModel.Load(PublishedForms.PathOf("huggingface"));

        FluentActions.Invoking(() => model.LoadAdapter(s_added)).Should().Throw<ModelFormatException>().WithMessage("*the number of tokens is 293*the model has 290*llama2 adapter merge*");
        AdapterInformation.Read(s_added).TokenCount.Should().Be(293);
    }

    [Theory]
    [InlineData("huggingface")]
    [InlineData("gguf/model.gguf")]
    public async Task Merge_AddedTokens_GivesTheLogitsOfExactArithmeticAndAnEnlargedVocabulary(string form)
    {
        string merged = _folder.File("merged.gguf");

        AdapterMerger.Merge(PublishedForms.PathOf(form), [(s_added, 1)], merged);

        using var model = LlamaModel.Load(merged);
        float[] actual = await model.ComputeLogitsAsync((int[])[.. PublishedForms.Tokens, 290, 292, 5, 291]);
        GoldenModel.RelativeError(actual, GoldenModel.ReadFloats(s_added + ".logits.f32")).Should().BeLessThan(Tolerance);
        model.Tokenizer.VocabularySize.Should().Be(293);
        model.Tokenizer.Encode("allamab", addBeginOfSequence: false).Should().Contain(292, "the text of a user-defined token always becomes this token");
        model.Tokenizer.Encode("<|im_start|>", addBeginOfSequence: false).Should().NotContain(290, "a control token cannot be spelled");
        using var file = Llama2.Formats.Gguf.GgufFile.Open(merged);
        ((string[])file.Metadata["tokenizer.ggml.tokens"])[^3..].Should().Equal("<|im_start|>", "<|im_end|>", "llama");
        ((int[])file.Metadata["tokenizer.ggml.token_type"])[^3..].Should().Equal(3, 3, 4);
        ((float[])file.Metadata["tokenizer.ggml.scores"]).Should().HaveCount(293);
    }

    // If embeddings and output are changed by low rank, PEFT stores the model's own tables with them, and these have the rows of new tokens.
    [Fact]
    public async Task Merge_AddedTokensInCopiesOfTheModelsTables_GivesTheLogitsOfExactArithmetic()
    {
        string plain = Path.Combine(Path.GetDirectoryName(s_added)!, "plain");
        SafeTensorsContent model = SafeTensorsContent.Read(PublishedForms.PathOf("huggingface/model.safetensors"));
        var content = new SafeTensorsContent();
        foreach ((string name, string type, long[] shape, byte[] data) in SafeTensorsContent.Read(Path.Combine(plain, "adapter_model.safetensors")).Tensors)
        {
            // B of the output has a row, and A of the embeddings a column, for each token.
            int rowsOfOwn = name.EndsWith("lm_head.lora_B.weight", StringComparison.Ordinal) ? 1 : name.EndsWith("lora_embedding_A", StringComparison.Ordinal) ? (int)shape[0] : 0;
            content.Add(
                name, type, rowsOfOwn == 0 ? shape : Array.ConvertAll(shape, length => length == OwnCount ? OwnCount + AddedCount : length),
                rowsOfOwn == 0 ? data : [.. data.Chunk(data.Length / rowsOfOwn).SelectMany(row => row.Concat(new byte[row.Length / OwnCount * AddedCount]))]);
        }

        foreach ((string own, string copy) in (ReadOnlySpan<(string, string)>)[("model.embed_tokens", "model.embed_tokens"), ("lm_head", "lm_head")])
        {
            byte[] rows = model.DataOf($"{own}.weight");
            content.Add($"base_model.model.{copy}.base_layer.weight", "F32", [OwnCount + AddedCount, FirstLayerWidth], [.. rows, .. rows[..(AddedCount * FirstLayerWidth * sizeof(float))]]);
        }

        content.Write(_folder.File("adapter_model.safetensors"));
        File.Copy(Path.Combine(plain, "adapter_config.json"), _folder.File("adapter_config.json"));
        File.Copy(Path.Combine(s_added, "added_tokens.json"), _folder.File("added_tokens.json"));
        string merged = _folder.File("merged.gguf");

        AdapterMerger.Merge(PublishedForms.PathOf("huggingface"), [(_folder.Path, 1)], merged);

        using var written = LlamaModel.Load(merged);
        float[] logits = [.. (await written.ComputeLogitsAsync(PublishedForms.Tokens)).Chunk(OwnCount + AddedCount).SelectMany(row => row[..OwnCount])];
        GoldenModel.RelativeError(logits, GoldenModel.ReadFloats(plain + ".logits.f32")).Should().BeLessThan(Tolerance);
        using LlamaModel loaded = LlamaModel.Load(PublishedForms.PathOf("huggingface"));
        FluentActions.Invoking(() => loaded.LoadAdapter(_folder.Path)).Should().Throw<ModelFormatException>().WithMessage("*the number of tokens is 293*");
    }

    [Fact]
    public void Merge_MoreRowsThanNamedTokens_FillsUpWithPlaceholders()
    {
        CopyAdapter("adapter_config.json", "adapter_model.safetensors");
        File.WriteAllText(_folder.File("added_tokens.json"), """{ "<|im_start|>": 290 }""");
        string merged = _folder.File("merged.gguf");

        AdapterMerger.Merge(PublishedForms.PathOf("huggingface"), [(_folder.Path, 1)], merged);

        using var file = Llama2.Formats.Gguf.GgufFile.Open(merged);
        ((int[])file.Metadata["tokenizer.ggml.token_type"])[^3..].Should().Equal(4, 5, 5);
    }

    [Fact]
    public void Merge_TokensWithoutNames_IsRefusedWithTheRemedy()
    {
        CopyAdapter("adapter_config.json", "adapter_model.safetensors");

        Refuses("*names of the new tokens*absent*293*290*added_tokens.json*");
    }

    [Theory]
    [InlineData("""{ "<|im_start|>": 3 }""", "added token 3*different models")]
    [InlineData("""{ "<|im_start|>": 262144 }""", "id of the added token*262,144*")]
    public void Merge_TokensAtWrongPlaces_AreRefused(string tokens, string message)
    {
        CopyAdapter("adapter_config.json", "adapter_model.safetensors");
        File.WriteAllText(_folder.File("added_tokens.json"), tokens);

        Refuses($"*{message}*");
    }

    [Fact]
    public void Merge_TwoAdaptersWithOtherTokens_IsRefused()
    {
        CopyAdapter("adapter_config.json", "adapter_model.safetensors");
        File.WriteAllText(_folder.File("added_tokens.json"), """{ "other": 290 }""");

        FluentActions.Invoking(() => AdapterMerger.Merge(PublishedForms.PathOf("huggingface"), [(s_added, 1), (_folder.Path, 1)], _folder.File("merged.gguf")))
            .Should().Throw<ModelFormatException>().WithMessage("*the new tokens*adds other tokens*");
    }

    [Fact]
    public async Task LoadAdapter_NormThatIsTheModelsOrTrained_ChangesWhatItChanges()
    {
        SafeTensorsContent model = SafeTensorsContent.Read(PublishedForms.PathOf("huggingface/model.safetensors"));
        const string Name = "base_model.model.model.norm.weight";
        string plain = Path.Combine(Path.GetDirectoryName(s_added)!, "plain");
        SafeTensorsContent adapter = SafeTensorsContent.Read(Path.Combine(plain, "adapter_model.safetensors")).AddFrom(model, "model.norm.weight", Name);
        File.Copy(Path.Combine(plain, "adapter_config.json"), _folder.File("adapter_config.json"));
        adapter.Write(_folder.File("adapter_model.safetensors"));
        using LlamaModel loaded = LlamaModel.Load(PublishedForms.PathOf("huggingface"));
        using LlamaAdapter unchanged = loaded.LoadAdapter(_folder.Path), other = loaded.LoadAdapter(plain);
        (await loaded.ComputeLogitsAsync(PublishedForms.Tokens, new() { Adapters = [new(unchanged)] })).Should().Equal(await loaded.ComputeLogitsAsync(PublishedForms.Tokens, new() { Adapters = [new(other)] }));

        BitConverter.TryWriteBytes(adapter.DataOf(Name), 3.5f);
        adapter.Write(_folder.File("adapter_model.safetensors"));

        using LlamaAdapter changed = loaded.LoadAdapter(_folder.Path);
        changed.Fingerprint.Should().NotBe(unchanged.Fingerprint);
        changed.ByteSize.Should().Be(unchanged.ByteSize + FirstLayerWidth * sizeof(float));
        string merged = _folder.File("merged.gguf");
        AdapterMerger.Merge(PublishedForms.PathOf("huggingface"), [(_folder.Path, 1)], merged);
        GoldenModel.RelativeError(await loaded.ComputeLogitsAsync(PublishedForms.Tokens, new() { Adapters = [new(changed)] }), PublishedForms.Compute(merged)).Should().BeLessThan(2 * Tolerance, "both are rounded");
        using var file = Llama2.Formats.Gguf.GgufFile.Open(merged);
        file.TryGetTensor("output_norm.weight", out TensorDescription? norm).Should().BeTrue();
        float[] weights = new float[FirstLayerWidth];
        ReadRow(file, norm!, 0, weights);
        weights[0].Should().Be(3.5f);
    }

    [Fact]
    public void LoadAdapter_WeightThatIsNotFinite_IsRefusedByName()
    {
        WriteWithoutAddedTokens(name => name);
        SafeTensorsContent damaged = SafeTensorsContent.Read(_folder.File("adapter_model.safetensors"));
        BitConverter.TryWriteBytes(damaged.DataOf(Output), (ushort)0x7F80);
        damaged.Write(_folder.File("adapter_model.safetensors"));
        using LlamaModel model = LlamaModel.Load(PublishedForms.PathOf("huggingface"));

        FluentActions.Invoking(() => model.LoadAdapter(_folder.Path)).Should().Throw<ModelFormatException>().WithMessage($"*a number of '{Output}' is infinite or NaN*");
        Refuses($"*a number of '{Output}' is infinite or NaN*");
    }

    private void Refuses(string message)
    {
        string merged = _folder.File("merged.gguf");
        FluentActions.Invoking(() => AdapterMerger.Merge(PublishedForms.PathOf("huggingface"), [(_folder.Path, 1)], merged)).Should().Throw<ModelFormatException>().WithMessage(message);
        File.Exists(merged).Should().BeFalse();
    }

    private void CopyAdapter(params string[] names)
    {
        foreach (string name in names)
        {
            File.Copy(Path.Combine(s_added, name), _folder.File(name));
        }
    }

    private void WriteWithoutAddedTokens(Func<string, string> rename, Func<string, bool>? isKept = null)
    {
        CopyAdapter("adapter_config.json");
        var content = new SafeTensorsContent();
        foreach ((string name, string type, long[] shape, byte[] data) in _adapter.Tensors.Where(tensor => isKept is null || isKept(tensor.Name)))
        {
            bool isWhole = name == Embedding || name == Output;
            content.Add(rename(name), type, isWhole ? [OwnCount, shape[1]] : shape, isWhole ? data[..(data.Length / (OwnCount + AddedCount) * OwnCount)] : data);
        }

        content.Write(_folder.File("adapter_model.safetensors"));
    }

    // The logits of the model's own tokens do not depend on the rows of new tokens.
    private static float[] LogitsOfOwnTokens()
        => [.. GoldenModel.ReadFloats(s_added + ".logits.f32").Chunk(OwnCount + AddedCount).Take(PublishedForms.Tokens.Length).SelectMany(row => row[..OwnCount])];

    private static float[] Widen(byte[] data)
        => [.. data.Chunk(sizeof(ushort)).Select(bytes => BitConverter.UInt32BitsToSingle((uint)BitConverter.ToUInt16(bytes) << 16))];

    private static void ReadRow(GgufFile file, TensorDescription tensor, long row, float[] weights)
    {
        byte[] bytes = new byte[tensor.RowByteSize];
        file.Read(tensor, row * tensor.RowByteSize, bytes);
        WeightFormats.Dequantize(tensor.Type, bytes, weights);
    }
}
