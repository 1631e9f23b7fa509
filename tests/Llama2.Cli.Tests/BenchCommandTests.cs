using System.Text.Json;

namespace Llama2.Cli.Tests;

public class BenchCommandTests
{
    private static readonly string[] s_arguments = ["bench", TestModels.Demonstration, "--prompt", "20", "--generate", "5", "--repeat", "3", "--threads", "1"];

    [Fact]
    public async Task Bench_Json_HasEveryFigure()
    {
        CommandRun run = await CommandRun.OfAsync([.. s_arguments, "--json"]);

        run.ShouldSucceed();
        run.Error.Should().BeEmpty();
        using JsonDocument json = JsonDocument.Parse(run.Output);
        JsonElement root = json.RootElement;
        root.GetProperty("model").GetString().Should().Be(TestModels.Demonstration);
        Number("file_bytes").Should().Be(new FileInfo(TestModels.Demonstration).Length);
        Number("threads").Should().Be(1);
        Number("prompt_tokens").Should().Be(20);
        Number("generated_tokens").Should().Be(5);
        Number("load_gigabytes_per_second").Should().BeApproximately(Number("file_bytes") / Number("load_seconds") / 1e9, 1e-9);
        foreach (string name in new[] { "prefill_tokens_per_second", "decode_tokens_per_second", "time_to_first_token_seconds" })
        {
            Repeated(name, "min").Should().BePositive();
            Repeated(name, "median").Should().BeInRange(Repeated(name, "min"), Repeated(name, "max"));
        }

        // The fastest prompt is the one whose first token came first.
        Repeated("prefill_tokens_per_second", "max").Should().BeApproximately(20 / Repeated("time_to_first_token_seconds", "min"), 1e-6);
        Number("peak_memory_bytes").Should().BeGreaterThan(Number("file_bytes"));
        Repeated("allocated_bytes_per_token", "min").Should().BeGreaterThanOrEqualTo(0);
        Number("memory_read_gigabytes_per_second").Should().BeInRange(0.1, 2000);
        // Its embeddings are the output matrix too: a token reads all of the file's tensors.
        Number("file_bytes_read_per_token").Should().Be(922_624 + 4_608);
        Number("memory_read_fraction_of_decode").Should().BeApproximately(
            Repeated("decode_tokens_per_second", "median") * Number("file_bytes_read_per_token") / Number("memory_read_gigabytes_per_second") / 1e9, 1e-9);

        double Number(string name) => root.GetProperty(name).GetDouble();

        double Repeated(string name, string member) => root.GetProperty(name).GetProperty(member).GetDouble();
    }

    [Fact]
    public void BytesReadPerToken_ModelWithAnOutputMatrix_CountsOneEmbedding()
    {
        using var folder = new TemporaryFolder();
        RandomModel.Write(folder.File("random.gguf"), new RandomModelShape(64, 1, 2, 2, 96, 32), "F16");

        // Embedding, output and layer matrices of 2 bytes a weight; three norms of 4.
        Benchmark.BytesReadPerToken(ModelFileInformation.Read(folder.File("random.gguf")))
            .Should().Be(2 * (64 + 64 * 32_000 + 4 * 64 * 64 + 3 * 64 * 96) + 3 * 64 * 4);
    }

    [Fact]
    public async Task Bench_Table_HasTheNamesOfTheJson()
    {
        CommandRun table = await CommandRun.OfAsync(s_arguments);
        CommandRun json = await CommandRun.OfAsync([.. s_arguments, "--json"]);

        table.ShouldSucceed();
        string[] lines = table.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        lines[0].Should().StartWith("model ");
        using JsonDocument document = JsonDocument.Parse(json.Output);
        lines.Skip(2).Select(line => line[..line.IndexOf("  ", StringComparison.Ordinal)].Replace(' ', '_'))
            .Should().Equal(document.RootElement.EnumerateObject().Skip(1).Select(member => member.Name));
    }

    [Theory]
    [InlineData("--prompt", "0")]
    [InlineData("--generate", "1")]
    [InlineData("--repeat", "0")]
    [InlineData("--threads", "0")]
    [InlineData("--prompt", "many")]
    [InlineData("--cache-type", "Q9")]
    [InlineData("--cache-type", "3")]
    public async Task Bench_ValueOutOfRange_IsWrongUsage(string option, string value)
        => (await CommandRun.OfAsync("bench", TestModels.Demonstration, option, value)).ShouldFailInOneLine(2).Should().Contain(option);

    [Fact]
    public async Task Bench_CacheType_IsTaken()
        => (await CommandRun.OfAsync([.. s_arguments, "--cache-type", "Q8_0", "--json"])).ShouldSucceed();

    [Fact]
    public async Task Bench_MoreTokensThanTheContext_SaysWhatToLower()
        => (await CommandRun.OfAsync("bench", TestModels.Demonstration, "--prompt", "500", "--generate", "13")).ShouldFailInOneLine(1)
            .Should().Contain("500").And.Contain("512").And.Contain("--prompt");

    [Fact]
    public async Task Bench_NoSuchFile_FailsInOneLine()
        => (await CommandRun.OfAsync("bench", "no-such-file.gguf")).ShouldFailInOneLine(1).Should().Contain("There is no file");
}
