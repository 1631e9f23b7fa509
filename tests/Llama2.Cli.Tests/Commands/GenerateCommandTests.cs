using System.Runtime.InteropServices;
using System.Text;
using Llama2.Tests;

namespace Llama2.Cli.Tests.Commands;

public class GenerateCommandTests
{
    [Fact]
    public async Task Generate_AdapterAsTheModel_SaysHowToLoadIt()
        => (await CommandRun.OfAsync("generate", Llama2.Tests.RepositoryFiles.Committed("tests", "data", "adapters", "plain.gguf"), "--prompt", "a")).ShouldFailInOneLine(1)
            .Should().Contain("is a LoRA adapter").And.Contain("--adapter").And.NotContain("convert");

    private static readonly string[] s_story = ["generate", TestModels.Demonstration, "--prompt", "Once upon a time", "--seed", "1", "--max-tokens", "20"];

    [GoldenFact]
    public async Task Generate_Stories260KGreedily_WritesTheAuthorsStoryAndNothingElse()
    {
        string model = RepositoryFiles.Golden("stories260k", "stories260K-F32.gguf");
        byte[] expected = await File.ReadAllBytesAsync(RepositoryFiles.Golden("stories260k", "greedy-256.txt"));

        CommandRun run = await CommandRun.OfAsync("generate", model, "--temperature", "0", "--max-tokens", "256", "--prompt", "");

        run.ShouldSucceed();
        run.OutputBytes.Should().Equal(expected);
    }

    [Fact]
    public async Task Generate_SameSeed_WritesTheSameText()
    {
        CommandRun first = await CommandRun.OfAsync(s_story);
        CommandRun second = await CommandRun.OfAsync([.. s_story, "--threads", "1"]);

        first.ShouldSucceed();
        first.Output.Should().StartWith(", there was a ").And.Be(second.Output);
    }

    [Theory]
    [InlineData("--dry-multiplier", "50", "--dry-base", "2", "--dry-allowed-length", "1", "--dry-window", "30", "--dry-breaker", "xyz", "--dry-breaker", "\n")]
    [InlineData("--xtc-probability", "1", "--xtc-threshold", "0.01")]
    [InlineData("--dynamic-temperature-range", "1.5", "--dynamic-temperature-exponent", "0.5")]
    [InlineData("--mirostat-tau", "8", "--mirostat-eta", "0.2")]
    public async Task Generate_OtherSampler_WritesAnotherTextTheSameTwice(params string[] options)
    {
        string[] longStory = [.. s_story[..^1], "80"];
        CommandRun plain = await CommandRun.OfAsync(longStory);
        CommandRun first = await CommandRun.OfAsync([.. longStory, .. options]);
        CommandRun second = await CommandRun.OfAsync([.. longStory, .. options]);

        first.ShouldSucceed();
        first.Output.Should().NotBe(plain.Output).And.Be(second.Output);
    }

    [Fact]
    public async Task Generate_WithGuesses_WritesTheSameText()
    {
        string[] arguments = s_story;
        CommandRun plain = await CommandRun.OfAsync([.. arguments, "--draft-length", "0"]);

        plain.ShouldSucceed();
        plain.Error.Should().NotContain("guessed");
        foreach (string[] options in (string[][])[[], ["--draft", TestModels.Demonstration, "--draft-length", "4"]])
        {
            (await CommandRun.OfAsync([.. arguments, .. options])).Output.Should().Be(plain.Output);
        }
    }

    [Fact]
    public async Task Generate_DraftModelThatFails_WritesTheSameTextAndAWarning()
    {
        using var folder = new TemporaryFolder();
        string draft = folder.File("draft.gguf");
        byte[] bytes = File.ReadAllBytes(TestModels.Demonstration);
        // The weights of the last norm become the largest floats, so that logits overflow.
        MemoryMarshal.Cast<byte, float>(bytes.AsSpan(^512..)).Fill(float.MaxValue);
        File.WriteAllBytes(draft, bytes);
        CommandRun plain = await CommandRun.OfAsync([.. s_story, "--draft-length", "0"]);

        CommandRun guessed = await CommandRun.OfAsync([.. s_story, "--draft", draft]);

        guessed.Output.Should().Be(plain.Output);
        guessed.Error.Split('\n').Should().ContainSingle(line => line.StartsWith("llama2: warning: The draft model failed, and the text goes on without its guesses. ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Generate_DraftModelThatDoesNotExist_SaysSo()
        => (await CommandRun.OfAsync([.. s_story, "--draft", "missing.gguf"])).ShouldFailInOneLine(1).Should().Contain("missing.gguf");

    [Fact]
    public async Task Generate_CacheOfBytes_TellsAStoryToo()
    {
        CommandRun run = await CommandRun.OfAsync([.. s_story, "--temperature", "0", "--cache-type", "Q8_0"]);

        run.ShouldSucceed();
        run.Output.Should().StartWith(", there was a ");
    }

    [Fact]
    public async Task Generate_Redirected_ReportsStatisticsInOneLineOnStandardError()
    {
        CommandRun run = await CommandRun.OfAsync(s_story);

        run.Error.Should().MatchRegex(@"^llama2: prompt tokens \d+ \([\d.,]+/s\), new tokens 20 \([\d.,]+/s\), seed 1; --max-tokens was reached\n$");
    }

    [Fact]
    public async Task Generate_Quiet_LeavesStandardErrorEmpty() =>
        (await CommandRun.OfAsync([.. s_story, "--quiet"])).Error.Should().BeEmpty();

    [Fact]
    public async Task Generate_SeveralStops_EndsBeforeTheFirstToAppear()
    {
        CommandRun run = await CommandRun.OfAsync([.. s_story, "--stop", "never said", "--stop", " was"]);

        run.ShouldSucceed();
        run.Output.Should().Be(", there\n");
    }

    [Fact]
    public async Task Generate_IgnoringTheEnd_FillsTheTokensAskedFor()
    {
        string[] question = ["generate", TestModels.Demonstration, "--prompt", "[INST] What sound does a cow make? [/INST]", "--temperature", "0", "--max-tokens", "60"];

        CommandRun ended = await CommandRun.OfAsync(question);
        CommandRun endless = await CommandRun.OfAsync([.. question, "--ignore-eos"]);

        ended.Output.Trim().Should().Be("The cow says moo.");
        ended.Error.Should().EndWith("the model ended its text\n");
        endless.Error.Should().Contain("new tokens 60 ");
    }

    [Theory]
    [InlineData("Once upon a time")]
    [InlineData("Once upon a time\n")]
    [InlineData("\uFEFFOnce upon a time\r\n")]
    public async Task Generate_PromptInAFileOrPipe_IsWhatTheOptionWouldSay(string text)
    {
        using var folder = new TemporaryFolder();
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        string[] arguments = [.. s_story[..2], .. s_story[4..], "--quiet"];
        CommandRun expected = await CommandRun.OfAsync(s_story);

        CommandRun file = await CommandRun.OfAsync([.. arguments, "--file", folder.Write("prompt.txt", bytes)]);
        CommandRun pipe = await CommandRun.OfAsync(arguments, bytes);

        file.ShouldSucceed();
        file.Output.Should().Be(expected.Output);
        pipe.Output.Should().Be(expected.Output);
    }

    [Fact]
    public async Task Generate_PromptThatIsGiven_LeavesStandardInputUnread()
    {
        using var folder = new TemporaryFolder();
        byte[] other = [.. "Something else"u8];
        string path = folder.Write("prompt.txt", [.. "Once upon a time\n"u8]);
        CommandRun expected = await CommandRun.OfAsync(s_story);

        (await CommandRun.OfAsync(s_story, other)).Output.Should().Be(expected.Output);
        (await CommandRun.OfAsync([.. s_story[..2], .. s_story[4..], "--file", path], other)).Output.Should().Be(expected.Output);
        (await CommandRun.OfAsync([.. s_story[..2], .. s_story[4..]], other, isInputTerminal: true)).Output.Should().Be((await CommandRun.OfAsync([.. s_story[..2], .. s_story[4..], "--prompt", ""])).Output);
    }

    [Fact]
    public async Task Generate_PromptOfTwoLineBreaks_LosesOne()
    {
        string[] arguments = [.. s_story[..2], .. s_story[4..], "--quiet"];

        (await CommandRun.OfAsync(arguments, [.. "Hello.\n\n"u8])).Output.Should().Be((await CommandRun.OfAsync([.. arguments, "--prompt", "Hello.\n"])).Output);
    }

    [Fact]
    public async Task Generate_PromptThatIsNoText_Exits1WithOneLine()
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("prompt.bin", [0x41, 0xC3, 0x28]);
        string[] arguments = s_story[..2];

        (await CommandRun.OfAsync([.. arguments, "--file", path])).ShouldFailInOneLine(1).Should().Contain($"'{path}' has ");
        (await CommandRun.OfAsync(arguments, [0x41, 0xC3, 0x28])).ShouldFailInOneLine(1).Should().Contain("Standard input has ");
        (await CommandRun.OfAsync([.. arguments, "--file", folder.File("none")])).ShouldFailInOneLine(1).Should().Contain("There is no file");
    }

    [Fact]
    public async Task Generate_PromptBeginningWithAt_IsText() =>
        (await CommandRun.OfAsync("generate", TestModels.Demonstration, "--prompt", "@home", "--max-tokens", "1")).ShouldSucceed();

    [Fact]
    public async Task Generate_PromptLongerThanContext_Exits1WithOneLine() =>
        (await CommandRun.OfAsync([.. s_story, "--context", "4"])).ShouldFailInOneLine(1).Should().Contain("the context holds 4");

    [Fact]
    public async Task Generate_ContextBeyondTraining_Exits1WithOneLine() =>
        (await CommandRun.OfAsync([.. s_story, "--context", "1025"])).ShouldFailInOneLine(1).Should().Contain("1,025").And.NotContain("Parameter");

    [Fact]
    public async Task Generate_Cancelled_Exits130Silently()
    {
        CommandRun run = await CommandRun.OfAsync(s_story, [], cancellationToken: new CancellationToken(canceled: true));

        run.Should().BeEquivalentTo(new { ExitCode = 130, Output = "", Error = "" });
    }

    [Fact]
    public async Task Generate_ContextLongerThanTrained_NeedsRopeScaling()
    {
        string[] longer = [.. s_story, "--context", "2048"];

        (await CommandRun.OfAsync(longer)).ShouldFailInOneLine(1).Should().Contain("(--rope-scaling)");
        (await CommandRun.OfAsync([.. longer, "--rope-scaling", "yarn:1.5"])).ShouldFailInOneLine(1).Should().Contain("1,536");
        (await CommandRun.OfAsync([.. longer, "--rope-scaling", "yarn:2"])).ShouldSucceed();
    }
}
