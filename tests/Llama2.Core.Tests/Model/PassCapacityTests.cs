using Llama2.Model;
using Llama2.Tests.Formats;
using Llama2.Tests.Formats.Gguf;

namespace Llama2.Tests.Model;

public class PassCapacityTests
{
    public static TheoryData<string> Shapes => [.. ModelShape.Named.Keys];

    // The weights have four bits each, as in the smallest type in practical use for these shapes.
    [Theory]
    [MemberData(nameof(Shapes))]
    public void For_PublishedShapes_IsWhatIsGoodForSpeed(string name)
    {
        ModelShape shape = ModelShape.Named[name];
        ModelConfiguration configuration = Describe(shape.EmbeddingLength, shape.FeedForwardLength, shape.HeadCount, shape.KeyValueHeadCount, 32_000);
        long weights = 2L * 32_000 * shape.EmbeddingLength + shape.LayerCount * (2L * shape.EmbeddingLength * (shape.EmbeddingLength + configuration.KeyValueLength) + 3L * shape.EmbeddingLength * shape.FeedForwardLength);

        PassCapacity.For(configuration, shape.ContextLength, weights / 2).Should().Be(new PassCapacity(256, 64));
    }

    [Fact]
    public void For_SmallModels_IsWhatIsGoodForSpeedToo()
    {
        using LlamaModel model = LlamaModel.Load(DemonstrationModel.Path);
        PassCapacity.For(model.Configuration, model.ContextLength, new FileInfo(DemonstrationModel.Path).Length).Should().Be(new PassCapacity(256, 64));
        PassCapacity.For(model.Configuration, 100, 1).TokenCount.Should().Be(100, "no more than the context");
    }

    [Theory]
    [InlineData(2, 1 << 17, 16)]
    [InlineData(1 << 15, 2, 16)]
    [InlineData(2, 2, 1 << 19)]
    public void For_WideLayersInASmallFile_LeavesActivationsSmallBesideIt(int width, int feedForward, int vocabulary)
    {
        const long FileByteSize = 8 << 20;
        ModelConfiguration configuration = Describe(width, feedForward, 1, 1, vocabulary);
        var capacity = PassCapacity.For(configuration, 2048, FileByteSize);

        capacity.TokenCount.Should().BePositive();
        capacity.LogitsCount.Should().BePositive();
        InferenceState.ByteSizeFor(configuration, capacity.TokenCount, capacity.LogitsCount, threadCount: 0).Should().BeLessThan(4 * FileByteSize);
    }

    // For a file of 12 MiB, the activations of 256 tokens would take 3 GiB, and those of a single token 100 MiB, so the file is refused. With a
    // sixteenth of the width, the activations of a token fit.
    [Fact]
    public async Task Load_WideLayersInASmallFile_GeneratesWhereATokenFitsAndIsRefusedElse()
    {
        using (LlamaModel model = LoadWide(1 << 16))
        {
            GenerationResult[] results = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => model.GenerateTextAsync("abcabc", new GenerationOptions { MaxTokens = 2, IgnoreEndOfSequence = true })));
            results.Should().OnlyContain(result => result.Usage.GeneratedTokenCount == 2);
        }

        FluentActions.Invoking(() => LoadWide(1 << 20)).Should().Throw<ModelFormatException>().WithMessage("*the memory for its weights and one token is*MiB*such wide layers with so few weights*");
    }

    private static LlamaModel LoadWide(int feedForward)
    {
        GgufBuilder builder = new GgufBuilder()
            .Add("general.architecture", "llama")
            .Add("llama.context_length", 512u)
            .Add("llama.embedding_length", 2u)
            .Add("llama.block_count", 1u)
            .Add("llama.feed_forward_length", (uint)feedForward)
            .Add("llama.attention.head_count", 1u)
            .Add("llama.attention.layer_norm_rms_epsilon", 1e-5f)
            .Add("tokenizer.ggml.model", "llama")
            .Add("tokenizer.ggml.tokens", TinyModel.Pieces)
            .Add("tokenizer.ggml.scores", TinyModel.Pieces.Select((_, i) => (float)-i).ToArray())
            .Add("tokenizer.ggml.token_type", TinyModel.Pieces.Select((_, i) => i == 0 ? 2 : i < 3 ? 3 : 1).ToArray());
        Add("token_embd.weight", 2, TinyModel.Pieces.Length);
        foreach (string name in new[] { "attn_norm", "ffn_norm" })
            Add($"blk.0.{name}.weight", 2, 1);
        foreach (string name in new[] { "attn_q", "attn_k", "attn_v", "attn_output" })
            Add($"blk.0.{name}.weight", 2, 2);
        Add("blk.0.ffn_gate.weight", 2, feedForward);
        Add("blk.0.ffn_up.weight", 2, feedForward);
        Add("blk.0.ffn_down.weight", feedForward, 2);
        Add("output_norm.weight", 2, 1);

        return LlamaModel.Load(Llama2.Formats.Gguf.GgufFile.Open(new MemoryByteSource(builder.Build())), new LlamaModelOptions { ThreadCount = 1 }, progress: null, CancellationToken.None);

        void Add(string name, int columns, int rows) => builder.AddTensor(name, GgmlType.F16, rows == 1 ? [(ulong)columns] : [(ulong)columns, (ulong)rows], new byte[2 * columns * rows]);
    }

    private static ModelConfiguration Describe(int width, int feedForward, int heads, int keyValueHeads, int vocabulary) => new()
    {
        Architecture = "llama",
        Name = "",
        ContextLength = 2048,
        EmbeddingLength = width,
        LayerCount = 1,
        HeadCount = heads,
        KeyValueHeadCount = keyValueHeads,
        FeedForwardLength = feedForward,
        VocabularySize = vocabulary,
        RmsNormEpsilon = 1e-5f,
    };
}
