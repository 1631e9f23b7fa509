using Llama2.Cli.Tests;
using Llama2.Tests;

namespace Llama2.Samples.Tests;

public class StructuredOutputTests
{
    [Fact]
    public async Task StructuredOutput_DemonstrationModel_FillsTheTypeFromEachText()
    {
        (int exitCode, string output, string error) = await CommandProcess.RunAsync("StructuredOutput.dll", []);

        (exitCode, error).Should().Be((0, ""));
        output.Should().Contain("  Ivy, the fox, lives near the school.").And.Contain("  Hugo, the turtle, lives near the lake.").And.Contain("  Nora, the bear, lives near the market.");
        (await File.ReadAllTextAsync(RepositoryFiles.Committed("docs", "samples.md"))).Should().Contain($"```\n{output.TrimEnd()}\n```\n");
    }
}
