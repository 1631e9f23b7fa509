using System.Text;
using Llama2.Architectures;
using Llama2.Formats.MetaCheckpoint;

namespace Llama2.Tests.Formats.MetaCheckpoint;

public class MetaParametersTests
{
    private const string Llama2With7B = """{"dim": 4096, "multiple_of": 256, "n_heads": 32, "n_layers": 32, "norm_eps": 1e-05, "vocab_size": -1}""";
    private const string Llama2With70B =
        """{"dim": 8192, "multiple_of": 4096, "ffn_dim_multiplier": 1.3, "n_heads": 64, "n_kv_heads": 8, "n_layers": 80, "norm_eps": 1e-05, "vocab_size": -1}""";

    // The parameters of the published models; the feed-forward lengths are those of the published weights.
    [Theory]
    [InlineData(Llama2With7B, 4096, 11008, 4096)]
    [InlineData("""{"dim": 5120, "multiple_of": 256, "n_heads": 40, "n_layers": 40, "norm_eps": 1e-05, "vocab_size": -1}""", 5120, 13824, 4096)]
    [InlineData(Llama2With70B, 1024, 28672, 4096)]
    [InlineData("""{"dim": 4096, "multiple_of": 256, "n_heads": 32, "n_layers": 32, "norm_eps": 1e-06, "vocab_size": -1}""", 4096, 11008, 2048)]
    [InlineData("""{"dim": 6656, "multiple_of": 256, "n_heads": 52, "n_layers": 60, "norm_eps": 1e-06, "vocab_size": -1}""", 6656, 17920, 2048)]
    [InlineData("""{"dim": 4096, "n_layers": 32, "n_heads": 32, "multiple_of": 256, "ffn_dim_multiplier": 1.0, "norm_eps": 1e-5, "rope_theta": 1000000}""", 4096, 11008, 16384)]
    [InlineData("""{"dim": 8192, "multiple_of": 256, "n_heads": 64, "n_layers": 80, "norm_eps": 1e-05, "vocab_size": -1, "max_seq_len": 2048}""", 8192, 22016, 2048)]
    public void Read_Release_GivesItsShape(string json, int keyValueLength, int feedForwardLength, int contextLength)
    {
        MetaParameters parameters = Read(json);

        parameters.DimensionsFor(32_000)[Dimension.KeyValue].Should().Be(keyValueLength);
        parameters.FeedForwardLength.Should().Be(feedForwardLength);
        parameters.ContextLength.Should().Be(contextLength);
        parameters.RopeTheta.Should().Be(contextLength == 16384 ? 1e6f : 1e4f);
        parameters.VocabularySize.Should().Be(-1);
    }

    [Theory]
    [InlineData("\"dim\": 4096", "\"dim\": 0", "dim is 0; it must be an integer from 1")]
    [InlineData("\"dim\": 4096", "\"dim\": 1e30", "dim is 1e30")]
    [InlineData("\"dim\": 4096", "\"dim\": \"4096\"", "it must be an integer")]
    [InlineData("\"dim\": 4096, ", "", "dim is missing")]
    [InlineData("\"n_heads\": 32", "\"n_heads\": 33", "n_heads and n_kv_heads is 33 and 33")]
    [InlineData("\"n_heads\": 32", "\"n_heads\": 32, \"n_kv_heads\": 5", "n_heads and n_kv_heads is 32 and 5")]
    [InlineData("\"n_heads\": 32", "\"n_heads\": 32, \"n_heads\": 32", "n_heads is given twice")]
    [InlineData("\"n_heads\": 32", "\"n_heads\": 32, \"use_scaled_rope\": true", "use_scaled_rope")]
    [InlineData("1e-05", "1e-07", "the context length is unknown")]
    [InlineData("1e-05", "NaN", "JSON is malformed")]
    [InlineData("\"norm_eps\": 1e-05", "\"norm_eps\": 1e-05, \"rope_theta\": 500000.0", "state it as \"max_seq_len\"")]
    [InlineData("\"multiple_of\": 256", "\"multiple_of\": 256, \"ffn_dim_multiplier\": 99", "feed-forward length")]
    [InlineData("{", "{\"\\ud800\": 1, ", "JSON is malformed")]
    [InlineData("{", "[", "JSON is malformed")]
    [InlineData("{", "", "JSON is malformed")]
    public void Read_BadParameters_AreRefusedByName(string before, string after, string message) =>
        FluentActions.Invoking(() => Read(Llama2With7B.Replace(before, after, StringComparison.Ordinal)))
            .Should().Throw<ModelFormatException>().Which.Message.Should().Contain(message);

    [Theory]
    [InlineData("[]", "it must be an object")]
    [InlineData("", "JSON is malformed")]
    public void Read_NoObject_IsRefused(string json, string message) =>
        FluentActions.Invoking(() => Read(json)).Should().Throw<ModelFormatException>().Which.Message.Should().Contain(message);

    [Fact]
    public void Read_DeepNesting_IsRefused() =>
        RefusalLimits.Run(() => Read("{\"dim\":" + new string('[', 30_000)), "30,000 brackets").Should().NotBeNull();

    [Fact]
    public void Read_HugeFile_IsRefused() =>
        RefusalLimits.Run(() => Read(new string(' ', 1 << 20)), "a mebibyte of spaces")!.Field.Should().Be("file size");

    private static MetaParameters Read(string json) => MetaParameters.Read(new MemoryByteSource(Encoding.UTF8.GetBytes(json)));
}
