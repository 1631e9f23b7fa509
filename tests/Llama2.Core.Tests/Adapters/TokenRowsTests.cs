using System.Text.Json.Nodes;
using Llama2.Tests.Conversion;

namespace Llama2.Tests.Adapters;

/// <summary>Adapters with rows of single tokens (PEFT's trainable_token_indices); tests/Reference/adapters.py wrote them and computed their results in exact arithmetic.</summary>
public sealed class TokenRowsTests : IDisposable
{
    private const string Embeddings = "base_model.model.model.embed_tokens.token_adapter.trainable_tokens_delta", Outputs = "base_model.model.lm_head.token_adapter.trainable_tokens_delta";
    private const double Tolerance = 1e-6;
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Read_Rows_TellsTheirNumber()
    {
        AdapterInformation information = AdapterInformation.Read(PathOf("rows"));

        information.Tensors.Where(tensor => tensor.RowCount is not null).Select(tensor => (tensor.BaseName, tensor.RowCount, tensor.ParameterCount)).Should().Equal(("output.weight", 4, 4 * 32), ("token_embd.weight", 3, 3 * 32));
        information.TokenCount.Should().Be(290, "289 is the highest id");
    }

    // Only rows are in memory, and not the difference of the whole matrices.
    [Fact]
    public void LoadAdapter_Rows_TakesLittleMemory()
    {
        using LlamaModel model = LlamaModel.Load(PublishedForms.PathOf("huggingface"));
        using LlamaAdapter adapter = model.LoadAdapter(PathOf("rows"));

        adapter.ByteSize.Should().BeLessThan(20_000, "the two matrices have 290 rows of 32 numbers, 74 KB");
    }

    // In a model whose output matrix shares the embeddings, PEFT changes the rows of both.
    [Fact]
    public async Task LoadAdapter_OfATiedModel_GivesTheLogitsOfExactArithmetic()
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
        AdapterMerger.Merge(tied, [(PathOf("rows-list"), 1)], merged);
        using LlamaModel model = LlamaModel.Load(tied);
        using LlamaAdapter adapter = model.LoadAdapter(PathOf("rows-list"));
        float[] expected = GoldenModel.ReadFloats(PathOf("rows-list-tied") + ".logits.f32");

        GoldenModel.RelativeError(await model.ComputeLogitsAsync(PublishedForms.Tokens, new() { Adapters = [new(adapter)] }), expected).Should().BeLessThan(Tolerance);
        GoldenModel.RelativeError(PublishedForms.Compute(merged), expected).Should().BeLessThan(Tolerance);
    }

    [Theory]
    [InlineData("[263, 17]", "trainable_token_indices*2 tokens*3 rows")]
    [InlineData("[263, 17, 263]", "trainable_token_indices*2 of them different*3 rows")]
    [InlineData("[263, 17, -1]", "trainable_token_indices is -1*whole numbers from 0 to 262,143")]
    [InlineData("[263, 17, 1.5]", "trainable_token_indices is 1.5*whole numbers")]
    [InlineData("[263, 17, \"a\"]", "trainable_token_indices is \"a\"*whole numbers")]
    [InlineData("{ \"lm_head\": [1, 2, 3] }", "trainable_token_indices*no list for 'model.embed_tokens'")]
    [InlineData("{ \"embed_tokens\": [263, 17, 5], \"lm_head\": [1, 2, 3] }", "trainable_token_indices['lm_head'] is [1,2,3]*no rows of tokens for this module")]
    [InlineData("{ \"embed_tokens\": [263, 17, 5], \"q_proj\": [1] }", "trainable_token_indices['q_proj'] is [1]*no rows of tokens for this module")]
    [InlineData("{ \"\": [263, 17, 5] }", "trainable_token_indices*no list for 'model.embed_tokens'")]
    [InlineData("5", "trainable_token_indices*no list for 'model.embed_tokens'")]
    [InlineData("null", "trainable_token_indices*no list for 'model.embed_tokens'")]
    public void LoadAdapter_TokensThatDoNotFitTheRows_AreRefused(string tokens, string message)
    {
        WriteRows(tokens, Embeddings, 3);

        FluentActions.Invoking(() => AdapterInformation.Read(_folder.Path)).Should().Throw<ModelFormatException>().WithMessage($"*{message}*");
    }

    [Fact]
    public void LoadAdapter_ListWithoutAModule_IsOnlyThatOfTheEmbeddings()
    {
        WriteRows("[263, 17, 5]", Outputs, 3);

        FluentActions.Invoking(() => AdapterInformation.Read(_folder.Path)).Should().Throw<ModelFormatException>().WithMessage("*trainable_token_indices*no list for 'lm_head'*");
    }

    // PEFT stores the rows of one of the two modules if they share them.
    [Fact]
    public void LoadAdapter_EqualListsAndRowsOfOneModule_AreRead()
    {
        WriteRows("{ \"embed_tokens\": [263, 17, 5], \"lm_head\": [263, 17, 5] }", Embeddings, 3);

        AdapterInformation.Read(_folder.Path).Tensors.Should().NotBeEmpty();
    }

    [Fact]
    public void LoadAdapter_TokenThatTheModelLacks_IsRefusedWithTheRemedy()
    {
        WriteRows("[263, 17, 290]", Embeddings, 3);
        using LlamaModel model = LlamaModel.Load(PublishedForms.PathOf("huggingface"));

        FluentActions.Invoking(() => model.LoadAdapter(_folder.Path)).Should().Throw<ModelFormatException>().WithMessage("*the number of tokens is 291*the model has 290*llama2 adapter merge*");
    }

    // The rows of new tokens are in the adapter, and the files of the tokenizer name them. PEFT may also store the enlarged matrix without the trained rows.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Merge_RowsOfNewTokens_WritesThem(bool hasCopy)
    {
        WriteRows("[263, 17, 290]", Embeddings, 3, hasCopy);
        File.WriteAllText(_folder.File("added_tokens.json"), """{ "<|im_start|>": 290 }""");
        string merged = _folder.File("merged.gguf");

        AdapterMerger.Merge(PublishedForms.PathOf("huggingface"), [(_folder.Path, 1)], merged);

        using LlamaModel model = LlamaModel.Load(merged);
        model.Tokenizer.VocabularySize.Should().Be(291);
        using var file = Llama2.Formats.Gguf.GgufFile.Open(merged);
        file.TryGetTensor("token_embd.weight", out Llama2.Formats.TensorDescription? embeddings).Should().BeTrue();
        Row(290).Should().Equal(2f);
        Row(263).Should().Equal(0f);
        Row(17).Should().Equal(1f);
        Row(18).Should().NotEqual(Row(17));

        IEnumerable<float> Row(long row)
        {
            byte[] bytes = new byte[embeddings!.RowByteSize];
            file.Read(embeddings, row * embeddings.RowByteSize, bytes);
            float[] numbers = new float[embeddings.RowLength];
            Llama2.Quantization.WeightFormats.Dequantize(embeddings.Type, bytes, numbers);
            return numbers.Distinct().Count() == 1 ? [numbers[0]] : numbers;
        }
    }

    // Rows whose numbers are 0 in the first, 1 in the second, 2 in the third.
    private void WriteRows(string tokens, string name, int count, bool hasCopy = false)
    {
        JsonNode configuration = JsonNode.Parse(File.ReadAllText(Path.Combine(PathOf("rows"), "adapter_config.json")))!;
        configuration["trainable_token_indices"] = JsonNode.Parse(tokens);
        File.WriteAllText(_folder.File("adapter_config.json"), configuration.ToJsonString());
        var content = new SafeTensorsContent();
        foreach ((string tensor, string type, long[] shape, byte[] data) in SafeTensorsContent.Read(Path.Combine(PathOf("rows"), "adapter_model.safetensors")).Tensors.Where(tensor => tensor.Name != Embeddings && tensor.Name != Outputs))
        {
            content.Add(tensor, type, shape, data);
        }

        float[] rows = [.. Enumerable.Range(0, count).SelectMany(row => Enumerable.Repeat((float)row, 32))];
        content.Add(name, "F32", [count, 32], System.Runtime.InteropServices.MemoryMarshal.AsBytes<float>(rows).ToArray());
        if (hasCopy)
        {
            byte[] own = SafeTensorsContent.Read(PublishedForms.PathOf("huggingface/model.safetensors")).DataOf("model.embed_tokens.weight");
            content.Add("base_model.model.model.embed_tokens.token_adapter.base_layer.weight", "F32", [291, 32], [.. own, .. own[..(32 * sizeof(float))]]);
        }

        content.Write(_folder.File("adapter_model.safetensors"));
    }

    private static string PathOf(string name) => Path.Combine(RepositoryFiles.Committed("tests", "data", "adapters"), name);
}
