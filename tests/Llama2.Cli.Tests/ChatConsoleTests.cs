namespace Llama2.Cli.Tests;

public class ChatConsoleTests
{
    [Fact]
    public async Task ChatConsole_WithoutArguments_ConversesWithTheDemonstrationModel()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("conversation.json");
        string[] said = ["/stats", "/retry", "What sound does a cow make?", "/stats", "/retry", "", "/system Be kind.", $"/save {path}", $"/load {path}", "/dance", "/load nowhere.json"];

        string[] answers = await AnswersAsync([.. said, "/exit", "Not heard."]);

        answers.Should().HaveCount(said.Length + 1);
        answers[0].Should().Be("There is no answer yet.");
        answers[1].Should().StartWith("There is no message to answer");
        answers[2].Should().Be("Model: The cow says moo.");
        answers[3].Should().MatchRegex(@"^The last answer: \d+ tokens, [\d,]+ a second; the first token came after [\d,]+ ms\.$");
        answers[4].Should().StartWith("Model: ");
        answers[5].Should().BeEmpty();
        answers[7].Should().Be("3 messages are saved.");
        answers[8].Should().StartWith("System: Be kind.\nUser: What sound does a cow make?\nAssistant: ");
        answers[9].Should().StartWith("The commands are /system TEXT, ");
        answers[10].Should().Contain("nowhere.json");
        answers[^1].Should().BeEmpty();
    }

    // Returns the text that the program writes after each prompt.
    private static async Task<string[]> AnswersAsync(string[] lines)
    {
        (int exitCode, string output, string error) = await CommandProcess.RunAsync("ChatConsole.dll", [], string.Join('\n', lines));

        error.Should().BeEmpty();
        exitCode.Should().Be(0);
        output.Should().StartWith("This is Storyteller 1M. ");
        return [.. output.ReplaceLineEndings("\n").Split("\nYou:   ").Skip(1).Select(answer => answer.Trim())];
    }
}
