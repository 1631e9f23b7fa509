namespace Llama2.Cli.Tests.Commands;

public class MakeRandomCommandTests
{
    [Fact]
    public async Task MakeRandom_SmallestShape_IsAModelAndNothingElse()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("random.gguf");

        CommandRun run = await CommandRun.OfAsync("make-random", "--shape", "160m", "--type", "q2_k", path);

        run.ShouldSucceed();
        run.ShouldTellOf(path);
        Directory.GetFiles(folder.Path).Should().Equal(path);
        ModelConfiguration configuration = ModelFileInformation.Read(path).Configuration!;
        (configuration.LayerCount, configuration.ContextLength).Should().Be((12, 2048));
    }

    [Fact]
    public async Task MakeRandom_Context_IsTheModels()
    {
        using var folder = new TemporaryFolder();

        CommandRun run = await CommandRun.OfAsync("make-random", "--shape", "160m", "--type", "Q2_K", "--context", "8192", folder.File("random.gguf"));

        run.ShouldSucceed();
        ModelFileInformation.Read(folder.File("random.gguf")).Configuration!.ContextLength.Should().Be(8192);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("long")]
    [InlineData("3000000000")]
    public async Task MakeRandom_ContextThatIsNone_IsWrongUsage(string context)
    {
        using var folder = new TemporaryFolder();

        CommandRun run = await CommandRun.OfAsync("make-random", "--shape", "160m", "--type", "Q2_K", "--context", context, folder.File("x.gguf"));

        run.ShouldFailInOneLine(2).Should().Contain("--context");
        Directory.GetFiles(folder.Path).Should().BeEmpty();
    }

    [Theory]
    [InlineData("2b", "Q4_0", "--shape: '2b' is not one of 160m, 1b, 7b, 13b, 70b-8layers.")]
    [InlineData("1b", "Q9", "--type: 'Q9' is not one of F32, F16,")]
    public async Task MakeRandom_UnknownChoice_IsWrongUsageThatNamesTheChoices(string shape, string type, string message)
    {
        using var folder = new TemporaryFolder();

        CommandRun run = await CommandRun.OfAsync("make-random", "--shape", shape, "--type", type, folder.File("x.gguf"));

        run.ShouldFailInOneLine(2).Should().Contain(message);
        Directory.GetFiles(folder.Path).Should().BeEmpty();
    }

    [Fact]
    public async Task MakeRandom_NoShape_IsWrongUsage()
        => (await CommandRun.OfAsync("make-random", "--type", "Q4_0", "x.gguf")).ShouldFailInOneLine(2).Should().Contain("--shape");

    [Fact]
    public async Task MakeRandom_PathThatCannotBeWritten_FailsInOneLine()
    {
        using var folder = new TemporaryFolder();

        (await CommandRun.OfAsync("make-random", "--shape", "160m", "--type", "Q4_0", folder.Path)).ShouldFailInOneLine(1).Should().Contain("is a folder");
        (await CommandRun.OfAsync("make-random", "--shape", "160m", "--type", "Q4_0", Path.Combine(folder.Path, "none", "x.gguf")))
            .ShouldFailInOneLine(1).Should().Contain("There is no folder");
        Directory.GetFiles(folder.Path).Should().BeEmpty();
    }

    [Fact]
    public async Task MakeRandom_Cancelled_LeavesNothing()
    {
        using var folder = new TemporaryFolder();

        CommandRun run = await CommandRun.OfAsync(
            ["make-random", "--shape", "160m", "--type", "Q4_0", folder.File("x.gguf")], [], cancellationToken: new CancellationToken(canceled: true));

        run.ExitCode.Should().Be(130);
        Directory.GetFiles(folder.Path).Should().BeEmpty();
    }
}
