namespace Llama2.Cli.Tests;

public class QuickstartTests
{
    [Fact]
    public async Task Quickstart_WithoutArguments_TellsAStoryAndAnswersItsQuestions()
    {
        (int exitCode, string output, string error) = await CommandProcess.RunAsync("Quickstart.dll", []);

        error.Should().BeEmpty();
        exitCode.Should().Be(0);
        output.ReplaceLineEndings("\n").Should().StartWith("Once upon a time, there was a ")
            .And.Contain("\nQuestion: What sound does a cow make?\nAnswer:   The cow says moo.\n")
            .And.Contain("\nQuestion: What is 3 plus 4?\nAnswer:   3 plus 4 is 7.\n")
            .And.EndWith(" tokens a second\n");
    }
}
