using Llama2.Cli.Tests;
using Llama2.Tests;

namespace Llama2.Samples.Tests;

public class AgentTests
{
    [Fact]
    public async Task Agent_DemonstrationModel_PrintsWhatTheReadmeShows()
    {
        (int exitCode, string output, string error) = await CommandProcess.RunAsync("Agent.dll", []);

        (exitCode, error).Should().Be((0, ""));
        output.Should().Contain("[calls multiply(23, 47)]\n23 times 47 is 1081.");
        (await File.ReadAllTextAsync(RepositoryFiles.Committed("README.md"))).Should().Contain($"```text\n{output}```\n");
    }
}
