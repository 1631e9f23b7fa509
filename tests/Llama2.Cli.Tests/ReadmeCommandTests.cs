using System.Text.RegularExpressions;
using Llama2.Tests;

namespace Llama2.Cli.Tests;

/// <summary>The commands of README.md whose input files are in the clone, run as they are printed.</summary>
public sealed partial class ReadmeCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task FineTune_TheThreeCommands_TeachTheAnswerThatIsPrinted()
    {
        string readme = await File.ReadAllTextAsync(RepositoryFiles.Committed("README.md"));
        Match section = FineTuneSection().Match(readme);
        string[] commands = [.. section.Groups["commands"].Value.Split('\n', StringSplitOptions.RemoveEmptyEntries)];
        (string question, string answer) = (section.Groups["question"].Value, section.Groups["answer"].Value);
        commands.Should().HaveCount(3);

        (await RunAsync(commands[0])).Output.Should().StartWith("-- sample 1 of 110: ").And.Contain("⟦");
        (await RunAsync(commands[1])).Output.Should().MatchRegex("^loss [0-9.]+ → [0-9.]+ in ");
        (await RunAsync(commands[2], question + "\n")).Output.Trim().Should().Be(answer);
    }

    // Paths below samples/ are those of the clone; the files that the commands write, and later read, are in a temporary folder.
    private async Task<CommandRun> RunAsync(string command, string input = "")
    {
        string[] words = command.Split(' ');
        words[0].Should().Be("llama2");
        string[] arguments = [.. words[1..].Select(word => word.StartsWith("samples/", StringComparison.Ordinal) ? RepositoryFiles.Committed(word) : word is "sailor.gguf" or "loss.svg" ? _folder.File(word) : word)];
        CommandRun run = await CommandRun.OfAsync(arguments, System.Text.Encoding.UTF8.GetBytes(input));
        run.ShouldSucceed();
        return run;
    }

    [GeneratedRegex("## Fine-tune in three commands\n.*?```\n(?<commands>.*?)```\n.*?answers \"(?<question>[^\"]*)\"\\s+with \"(?<answer>[^\"]*)\"", RegexOptions.Singleline)]
    private static partial Regex FineTuneSection();
}
