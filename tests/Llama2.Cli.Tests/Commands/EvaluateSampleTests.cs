using System.Text.Json;
using Llama2.Tests;

namespace Llama2.Cli.Tests.Commands;

/// <summary>The task of samples/Evaluate, as the README runs it.</summary>
public sealed class EvaluateSampleTests : IDisposable
{
    private static readonly string s_sample = RepositoryFiles.Committed("samples", "Evaluate");
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Evaluate_TaskFile_WritesAllResults()
    {
        string output = _folder.File("results");

        CommandRun run = await CommandRun.OfAsync(
            "evaluate", TestModels.Demonstration, "--task", Path.Combine(s_sample, "stories.yaml"), "--data", s_sample, "--output", output);

        run.ShouldSucceed();
        Directory.GetFiles(output).Select(Path.GetFileName).Should().BeEquivalentTo("report.html", "report.md", "responses.jsonl", "results.json", "samples_stories.jsonl");
        run.Error.Should().Contain("report.html");
        JsonElement root = JsonElement.Parse(await File.ReadAllBytesAsync(Path.Combine(output, "results.json")));
        root.GetProperty("results").GetProperty("stories").GetProperty("acc,none").GetDouble().Should().BeInRange(0.6, 0.95, "the README states 0.8000, and choosing at random gives 0.25");
        root.GetProperty("llama2").GetProperty("seed").GetInt32().Should().Be(1234);
        // The page and the table state the same value as standard output.
        string value = root.GetProperty("results").GetProperty("stories").GetProperty("acc,none").GetDouble().ToString("F4", System.Globalization.CultureInfo.InvariantCulture);
        run.Output.Should().Contain(value);
        (await File.ReadAllTextAsync(Path.Combine(output, "report.md"))).Should().Contain($"|acc     |↑  |{value}|");
    }

    [Fact]
    public async Task ReadmeCommands_PrintWhatTheReadmePrints()
    {
        string readme = await File.ReadAllTextAsync(RepositoryFiles.Committed("README.md"));
        string section = readme[readme.IndexOf("## Evaluate in three commands", StringComparison.Ordinal)..];
        string[] blocks = section.Split("```");
        string[] commands = blocks[1].Split('\n', StringSplitOptions.RemoveEmptyEntries);
        commands.Should().HaveCount(3);
        string output = "";
        foreach (string command in commands)
        {
            // Paths below samples/ are those of the clone; the others are in a temporary folder.
            string[] words = command.Split(' ');
            string[] arguments = [.. words[1..].Select(word => word.StartsWith("samples/", StringComparison.Ordinal) ? RepositoryFiles.Committed(word) : word is "text" or "chat" or "difference.html" ? _folder.File(word) : word)];

            CommandRun run = await CommandRun.OfAsync(arguments);

            run.ShouldSucceed();
            output = run.Output;
        }

        output.Should().Be(blocks[3]["text\n".Length..]);
        File.Exists(_folder.File("difference.html")).Should().BeTrue();
    }
}
