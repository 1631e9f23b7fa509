using System.Text.Json;

namespace Llama2.Cli.Tests.Commands;

public class EmbedCommandTests
{
    private static readonly string[] s_texts = ["Once upon a time", "", "Tim went to the school."];

    [Theory]
    [InlineData(EmbeddingPooling.Mean, true)]
    [InlineData(EmbeddingPooling.Mean, true, "--pooling", "mean")]
    [InlineData(EmbeddingPooling.LastToken, true, "--pooling", "Last")]
    [InlineData(EmbeddingPooling.LastToken, false, "--pooling", "last", "--no-normalize", "--threads", "1")]
    public async Task Embed_Texts_WritesTheLibrarysVectors(EmbeddingPooling pooling, bool normalize, params string[] options)
    {
        float[][] expected = await ExpectedAsync(new EmbeddingOptions { Pooling = pooling, Normalize = normalize });

        CommandRun run = await CommandRun.OfAsync(["embed", TestModels.Demonstration, .. options, .. s_texts.SelectMany(text => (string[])["--text", text])]);

        run.ShouldSucceed();
        Vectors(run).Should().BeEquivalentTo(expected, equivalency => equivalency.WithStrictOrdering());
    }

    [Theory]
    [InlineData("\n", "\n")]
    [InlineData("\r\n", "")]
    public async Task Embed_StandardInput_TakesEachLineForAText(string lineEnd, string last)
    {
        float[][] expected = await ExpectedAsync(new EmbeddingOptions());

        CommandRun run = await CommandRun.OfAsync(["embed", TestModels.Demonstration], System.Text.Encoding.UTF8.GetBytes(string.Join(lineEnd, s_texts) + last));

        run.ShouldSucceed();
        Vectors(run).Should().BeEquivalentTo(expected, equivalency => equivalency.WithStrictOrdering());
    }

    [Fact]
    public async Task Embed_NoInput_WritesNothing()
    {
        CommandRun run = await CommandRun.OfAsync("embed", TestModels.Demonstration);

        run.ShouldSucceed();
        run.Output.Should().BeEmpty();
    }

    [Fact]
    public async Task Embed_ManyLines_NamesTheOneThatIsTooLongAfterThoseOfEarlierCalls()
    {
        string input = string.Concat(Enumerable.Repeat("a\n", 1500)) + new string('1', 1100) + "\nb\n";

        CommandRun run = await CommandRun.OfAsync(["embed", TestModels.Demonstration], System.Text.Encoding.UTF8.GetBytes(input));

        run.ExitCode.Should().Be(1);
        run.Error.Should().MatchRegex("^llama2: error: line 1501: it has 1,10\\d tokens and the context holds 1,024; split it.\n$");
        Vectors(run).Should().HaveCount(1024);
    }

    [Fact]
    public async Task Embed_LineThatIsNoText_NamesIt()
        => (await CommandRun.OfAsync(["embed", TestModels.Demonstration], [.. "a\n"u8, 0xFF, .. "\n"u8])).ShouldFailInOneLine(1).Should().Contain("line 2: not UTF-8; it has the byte 0xFF");

    private static async Task<float[][]> ExpectedAsync(EmbeddingOptions options)
    {
        using LlamaModel model = LlamaModel.Load(TestModels.Demonstration);
        return await model.ComputeEmbeddingsAsync(s_texts, options);
    }

    private static float[][] Vectors(CommandRun run)
    {
        run.Output.Should().EndWith("\n");
        return [.. run.Output.TrimEnd('\n').Split('\n').Select(line => JsonSerializer.Deserialize<float[]>(line)!)];
    }
}
