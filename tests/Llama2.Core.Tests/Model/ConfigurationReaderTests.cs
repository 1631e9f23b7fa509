using Llama2.Formats.Gguf;
using Llama2.Model;

namespace Llama2.Tests.Model;

public class ConfigurationReaderTests
{
    [Fact]
    public void Read_WellFormedFile_GivesItsFigures()
    {
        using GgufFile file = new TinyLlama().With("llama.rope.freq_base", 5e5f).Open();
        ConfigurationReader.Read(file).Should().Be(new ModelConfiguration
        {
            Architecture = "llama",
            Name = "tiny",
            ContextLength = 128,
            EmbeddingLength = 64,
            LayerCount = 2,
            HeadCount = 4,
            KeyValueHeadCount = 2,
            FeedForwardLength = 96,
            VocabularySize = 50,
            RmsNormEpsilon = 1e-5f,
            RopeTheta = 5e5f,
            RopeScaling = RopeScaling.None,
        });
    }

    [Fact]
    public void Read_OptionalKeysAbsent_GivesDefaults()
    {
        using GgufFile file = new TinyLlama().Without("llama.attention.head_count_kv").Without("general.name").Without("tokenizer.ggml.tokens").Open();
        ModelConfiguration configuration = ConfigurationReader.Read(file);
        (configuration.RopeTheta, configuration.RopeScaling, configuration.KeyValueHeadCount, configuration.Name).Should().Be((10_000, RopeScaling.None, 4, ""));
        (configuration.HeadLength, configuration.KeyValueLength).Should().Be((16, 64));
    }

    [Theory]
    [InlineData("llama.attention.sliding_window", 128u)]
    [InlineData("llama.attention.sliding_window", 0u)]
    [InlineData("llama.attention.causal", true)]
    [InlineData("llama.logit_scale", 1f)]
    [InlineData("llama.attention.scale", 0.25f)] // 1 / √16
    [InlineData("llama.attention.clamp_kqv", 0f)]
    public void Read_ValueThatChangesNothing_IsAllowed(string key, object value)
    {
        using GgufFile file = new TinyLlama().With(key, value).Open();
        ConfigurationReader.Read(file).HeadLength.Should().Be(16);
    }

    [Theory]
    [InlineData("general.architecture")]
    [InlineData("llama.context_length")]
    [InlineData("llama.embedding_length")]
    [InlineData("llama.block_count")]
    [InlineData("llama.feed_forward_length")]
    [InlineData("llama.attention.head_count")]
    [InlineData("llama.attention.layer_norm_rms_epsilon")]
    public void Read_RequiredKeyMissing_NamesIt(string key)
    {
        using GgufFile file = new TinyLlama().Without(key).Open();
        Check(file, key, "missing", "*");
    }

    [Theory]
    [InlineData("general.architecture", "qwen2", "qwen2", "*'llama'*")]
    [InlineData("general.architecture", 7u, "7 of type UInt32", "*string*")]
    [InlineData("llama.expert_count", 8u, "8", "*experts*")]
    [InlineData("split.count", (ushort)3, "3", "*gguf-split --merge*")]
    [InlineData("llama.attention.sliding_window", 64u, "64", "*shorter than the context*")]
    [InlineData("llama.attention.causal", false, "false", "*causal attention*")]
    [InlineData("llama.use_parallel_residual", true, "true", "*follows the attention*")]
    [InlineData("llama.logit_scale", 0.5f, "0.5", "*no such operation*")]
    [InlineData("llama.residual_scale", 0.22f, "0.22", "*no such operation*")]
    [InlineData("llama.embedding_scale", 12f, "12", "*no such operation*")]
    [InlineData("llama.attention.scale", 0.125f, "0.125", "*no such operation*")]
    [InlineData("llama.attention.clamp_kqv", 8f, "8", "*no such operation*")]
    [InlineData("llama.attention.max_alibi_bias", 8f, "8", "*no such operation*")]
    [InlineData("llama.attn_logit_softcapping", 50f, "50", "*no such operation*")]
    [InlineData("llama.block_count", 0u, "0", "*1 to 512*")]
    [InlineData("llama.block_count", 513u, "513", "*1 to 512*")]
    [InlineData("llama.block_count", uint.MaxValue, "4294967295", "*1 to 512*")]
    [InlineData("llama.block_count", -1, "-1", "*1 to 512*")]
    [InlineData("llama.block_count", 2f, "2 of type Single", "*integer*")]
    [InlineData("llama.context_length", 0u, "0", "*16,777,216*")]
    [InlineData("llama.context_length", 16_777_217u, "16777217", "*16,777,216*")]
    [InlineData("llama.embedding_length", 0u, "0", "*1,048,576*")]
    [InlineData("llama.embedding_length", ulong.MaxValue, "18446744073709551615", "*1,048,576*")]
    [InlineData("llama.feed_forward_length", 0u, "0", "*1,048,576*")]
    [InlineData("llama.feed_forward_length", 1_048_577u, "1048577", "*1,048,576*")]
    [InlineData("llama.attention.head_count", 0u, "0", "*1 to 1,024*")]
    [InlineData("llama.attention.head_count", 1025u, "1025", "*1 to 1,024*")]
    [InlineData("llama.attention.head_count", 3u, "3", "*divide*64*even*")]
    [InlineData("llama.attention.head_count", 64u, "64", "*divide*64*even*")]
    [InlineData("llama.attention.head_count", 128u, "128", "*divide*64*even*")]
    [InlineData("llama.attention.head_count_kv", 0u, "0", "*1 to 4*")]
    [InlineData("llama.attention.head_count_kv", 3u, "3", "*divide*4*")]
    [InlineData("llama.attention.head_count_kv", 5u, "5", "*1 to 4*")]
    [InlineData("llama.attention.head_count_kv", new uint[] { 2, 2 }, "an array of 2 values of type UInt32", "*integer*")]
    [InlineData("llama.attention.layer_norm_rms_epsilon", 0f, "0", "*finite*")]
    [InlineData("llama.attention.layer_norm_rms_epsilon", float.NaN, "NaN", "*finite*")]
    [InlineData("llama.attention.layer_norm_rms_epsilon", -1f, "-1", "*finite*")]
    [InlineData("llama.rope.freq_base", 0f, "0", "*finite*")]
    [InlineData("llama.rope.freq_base", float.PositiveInfinity, "Infinity", "*finite*")]
    [InlineData("llama.rope.dimension_count", 8u, "8", "*16*")]
    [InlineData("llama.attention.key_length", 32u, "32", "*16*")]
    [InlineData("llama.attention.value_length", 32u, "32", "*16*")]
    public void Read_ValueOutOfRange_NamesFileKeyValueAndLimit(string key, object value, string text, string limit)
    {
        using GgufFile file = new TinyLlama().With(key, value).Open();
        ModelFormatException fault = Check(file, key, text, limit);
        fault.Offset.Should().Be(file.MetadataOffset(key)).And.BePositive();
    }

    [Fact]
    public void Read_NoTokenEmbedding_SaysSo()
    {
        using GgufFile file = new TinyLlama().WithoutTensor("token_embd.weight").Open();
        Check(file, "token_embd.weight", "absent", "*vocabulary-only*");
    }

    [Theory]
    [InlineData("llama.rope.dimension_count", 16u)]
    [InlineData("llama.attention.key_length", 16u)]
    [InlineData("llama.attention.value_length", 16u)]
    [InlineData("llama.expert_count", 0u)]
    [InlineData("llama.block_count", 512u)]
    [InlineData("llama.block_count", (byte)2)]
    [InlineData("llama.attention.head_count", 32)]
    public void Read_ValueAtItsLimit_IsTaken(string key, object value)
    {
        using GgufFile file = new TinyLlama().With(key, value).Open();
        FluentActions.Invoking(() => ConfigurationReader.Read(file)).Should().NotThrow();
    }

    private static ModelFormatException Check(GgufFile file, string field, string value, string limit)
    {
        ModelFormatException fault = FluentActions.Invoking(() => ConfigurationReader.Read(file)).Should().Throw<ModelFormatException>().Which;
        fault.FilePath.Should().Be("memory.gguf");
        fault.Field.Should().Be(field);
        fault.Value.Should().Match(value);
        fault.Limit.Should().Match(limit);
        fault.Message.Should().ContainAll(fault.FilePath, fault.Field, fault.Value, fault.Limit);
        return fault;
    }
}
