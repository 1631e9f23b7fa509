using System.Text;
using System.Text.Json;
using Llama2.Cli.Terminal;
using Llama2.Cli.Tests.LineEditing;

namespace Llama2.Cli.Tests.Commands;

public class ChatCommandTests
{
    private const string Cow = "What sound does a cow make?";
    private const string Story = "Tell me a story about a dog.";
    private const string Sum = "What is 3 plus 4?";
    private static readonly string[] s_greedily = ["--temperature", "0"];

    [Theory]
    [InlineData("\n", "\n")]
    [InlineData("\r\n", "")]
    public async Task Chat_LinesOfAPipe_AreAnsweredInAParagraphEachWithoutNoise(string lineEnd, string last)
    {
        CommandRun run = await CommandRun.OfAsync(["chat", TestModels.Demonstration, .. s_greedily], Encoding.UTF8.GetBytes($"{Cow}{lineEnd}{lineEnd}{Sum}{last}"));

        run.Should().BeEquivalentTo(new { ExitCode = 0, Output = "The cow says moo. \n\n3 plus 4 is 7. \n\n", Error = "" });
    }

    [Theory]
    [InlineData("meta-launch", SystemPrompts.MetaLaunch)]
    [InlineData("Vicuna", SystemPrompts.Vicuna)]
    [InlineData("vicuna-v0", SystemPrompts.VicunaV0)]
    public async Task Chat_SystemPreset_IsThatSystemMessage(string preset, string text)
    {
        CommandRun run = await SayAsync(["--system-preset", preset, .. s_greedily], "Tell me a story.", Cow);
        CommandRun spelled = await SayAsync(["--system", text, .. s_greedily], "Tell me a story.", Cow);

        run.ShouldSucceed();
        run.Output.Should().Be(await AnswersAsync(text, "Tell me a story.", Cow)).And.Be(spelled.Output);
    }

    [Fact]
    public async Task Chat_TwoSystemMessages_AreWrongUsage() =>
        (await SayAsync(["--system", "Be brief.", "--system-preset", "vicuna"], Cow)).ShouldFailInOneLine(2).Should().Contain("give one of them");

    [Fact]
    public async Task Chat_FormatThatIsNone_IsWrongUsageThatListsThem() =>
        (await SayAsync(["--format", "llama-9"], Cow)).ShouldFailInOneLine(2).Should().Contain("--format: 'llama-9' is not one of llama-2, ");

    [Fact]
    public async Task Chat_ModelOfUnknownFormat_AsksForTheFormatInsteadOfGuessing()
    {
        using var folder = new TemporaryFolder();
        string model = folder.Write("untold.gguf", TestModels.WithoutTemplate());

        CommandRun untold = await CommandRun.OfAsync(["chat", model, .. s_greedily], Encoding.UTF8.GetBytes(Cow));
        CommandRun told = await CommandRun.OfAsync(["chat", model, "--format", "llama-2", .. s_greedily], Encoding.UTF8.GetBytes(Cow));

        untold.ShouldFailInOneLine(1).Should().Contain("no chat template").And.Contain("llama-2, vicuna-v0").And.Contain("--format NAME");
        told.Output.Should().Be("The cow says moo. \n\n");
    }

    [Fact]
    public async Task Chat_ModelOfUnknownFormat_IsToldBeforeTheWeightsAreRead()
    {
        using var folder = new TemporaryFolder();
        string model = folder.Write("untold.gguf", TestModels.WithoutTemplate());

        // Loading refuses this context length, so a message about the length shows that loading had begun.
        CommandRun untold = await CommandRun.OfAsync(["chat", model, "--context", "100000"], Encoding.UTF8.GetBytes(Cow));
        CommandRun told = await CommandRun.OfAsync(["chat", model, "--context", "100000", "--format", "llama-2"], Encoding.UTF8.GetBytes(Cow));

        untold.ShouldFailInOneLine(1).Should().Contain("no chat template").And.NotContain("100,000");
        told.ShouldFailInOneLine(1).Should().Contain("100,000");
    }

    [Fact]
    public async Task Chat_Stop_EndsEachAnswerBeforeTheText()
    {
        CommandRun run = await SayAsync(["--stop", " moo", "--stop", " is", .. s_greedily], Cow, Sum);

        run.ShouldSucceed();
        run.Output.Should().Be("The cow says\n\n3 plus 4\n\n");
    }

    [Fact]
    public async Task Chat_SavedAndLoaded_GoesOnAsIfItHadNotEnded()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("a conversation.json");

        CommandRun first = await SayAsync(["--system", "Be kind.", .. s_greedily], "Tell me a story.", $"/save {path}");
        CommandRun second = await SayAsync(s_greedily, $"/load {path}", "Another one.");

        first.Error.Should().Be($"llama2: Saved 3 messages as '{path}'.\n");
        second.Error.Should().Be($"llama2: Loaded 3 messages from '{path}'.\n");
        (first.Output + second.Output).Should().Be(await AnswersAsync("Be kind.", "Tell me a story.", "Another one."));
    }

    [Fact]
    public async Task Chat_Retry_TakesTheNextSeedAndReplacesTheAnswer()
    {
        CommandRun first = await SayAsync(["--seed", "1", "--max-tokens", "40"], Story);
        CommandRun third = await SayAsync(["--seed", "3", "--max-tokens", "40"], Story);

        CommandRun run = await SayAsync(["--seed", "1", "--max-tokens", "40"], Story, "/retry", "/retry", "/stats");

        run.Output.Should().StartWith(first.Output).And.EndWith(third.Output).And.NotBe(first.Output + first.Output + third.Output);
        run.Error.Should().Contain("; --max-tokens was reached\nllama2: 2 messages, 0 of them left out; context ").And.Contain(" seed 3;");
    }

    [Fact]
    public async Task Chat_RetryAtTemperature0_SaysThatItIsInVain() =>
        (await SayAsync(s_greedily, Cow, "/retry")).Error.Should().StartWith("llama2: At temperature 0 the answer is always the same");

    [Theory]
    [InlineData("3 messages", "/system Be brief.", Cow)]
    [InlineData("2 messages", "/system Be brief.", Cow, "/system")]
    [InlineData("1 messages", "/system Be brief.", Cow, "/reset")]
    [InlineData("0 messages", Cow, "/clear")]
    public async Task Chat_Directives_EditTheConversation(string expected, params string[] lines)
    {
        CommandRun run = await SayAsync(["--quiet"], [.. lines, "/stats"]);

        run.ShouldSucceed();
        run.Error.Should().Contain($"llama2: {expected}");
    }

    [Fact]
    public async Task Chat_Exit_LeavesTheRestUnanswered() =>
        (await SayAsync(s_greedily, Cow, "/exit", Sum)).Should().BeEquivalentTo(new { ExitCode = 0, Output = "The cow says moo. \n\n", Error = "" });

    [Fact]
    public async Task Chat_Help_ListsEveryDirectiveOnStandardError()
    {
        CommandRun run = await SayAsync([], "/help");

        run.Output.Should().BeEmpty();
        run.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Trim().Split(' ')[0])
            .Should().Equal("/system", "/save", "/load", "/retry", "/stats", "/reset", "/clear", "/help", "/exit", "/quit");
    }

    [Theory]
    [InlineData("/dance", "no command '/dance'")]
    [InlineData("/save", "needs the name of a file")]
    [InlineData("/save no-such-folder/chat.json", "There is no folder")]
    [InlineData("/load no-such-file.json", "There is no file 'no-such-file.json'")]
    [InlineData("/retry", "There is no message to answer")]
    [InlineData("/exit now", "takes no argument")]
    public async Task Chat_FaultInAPipe_EndsItAndNamesTheLine(string line, string fault) =>
        (await SayAsync([], "", line, Cow)).ShouldFailInOneLine(1).Should().StartWith("llama2: error: line 2: ").And.Contain(fault);

    [Fact]
    public async Task Chat_LineThatIsNoText_IsNamed() =>
        (await CommandRun.OfAsync(["chat", TestModels.Demonstration], [0xFF])).ShouldFailInOneLine(1).Should().Contain("line 1: not UTF-8");

    [Fact]
    public async Task Chat_DamagedSession_IsRefused()
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("chat.json", "{\"kind\":1}"u8.ToArray());

        (await SayAsync([], $"/load {path}")).ShouldFailInOneLine(1).Should().Contain("damaged");
    }

    [Fact]
    public async Task Chat_MistypedCommand_SuggestsTheOneThatWasMeant()
        => (await SayAsync([], "/hepl")).ShouldFailInOneLine(1).Should().Contain("There is no command '/hepl': did you mean /help? /help lists them.");

    // The demonstration model is asked in a state in which it has called two tools.
    [Fact]
    public async Task Chat_AnswerWithCalls_TakesTheNextMessagesAsTheirResults()
    {
        using var folder = new TemporaryFolder();
        string tools = folder.File("tools.json"), session = folder.File("session.json"), saved = folder.File("saved.json");
        await File.WriteAllTextAsync(tools, """[{ "type": "function", "function": { "name": "sound", "parameters": { "type": "object", "properties": { "of": { "type": "string" } } } } }]""");
        using (LlamaModel model = LlamaModel.Load(TestModels.Demonstration))
        {
            IChatSession chat = model.CreateChatSession();
            LlamaToolCall Call(string of) => new("sound", JsonSerializer.SerializeToElement(new { of }));
            chat.History = [LlamaMessage.User(Cow), LlamaMessage.Assistant("", [Call("cow"), Call("calf")])];
            await chat.SaveAsync(session);
        }

        CommandRun run = await SayAsync(["--tools", tools, "--max-tokens", "5", .. s_greedily], $"/load {session}", "moo", "maa", $"/save {saved}");

        run.ShouldSucceed();
        run.Error.Should().Be($"llama2: Loaded 2 messages from '{session}'.\nllama2: The model calls sound: the next message is the result of this call.\nllama2: The answer is cut: --max-tokens was reached.\nllama2: Saved 5 messages as '{saved}'.\n");
        JsonElement[] messages = [.. JsonElement.Parse(await File.ReadAllTextAsync(saved)).GetProperty("messages").EnumerateArray()];
        messages.Select(message => message.GetProperty("role").GetString()).Should().Equal("User", "Assistant", "Tool", "Tool", "Assistant");
        messages[2..4].Select(message => message.GetProperty("content").GetString()).Should().Equal("moo", "maa");
    }

    [Theory]
    [InlineData("{", "is not JSON")]
    [InlineData("[]", "1 to 256 tools")]
    [InlineData("{}", "1 to 256 tools")]
    [InlineData("[1]", "tool 1: a tool must be an object")]
    [InlineData("""[{ "name": "a" }, { "description": "b" }]""", "tool 2: it has no name")]
    [InlineData("""[{ "name": "a" }, { "name": "a" }]""", "Two tools have the name 'a'")]
    [InlineData("""[{ "name": "a", "parameters": { "type": "string" } }]""", "'a'")]
    [InlineData("""[{ "type": "browser", "name": "a" }]""", "tool 1: its type must be \"function\"")]
    [InlineData("""[{ "name": "a", "cost": 1 }]""", "tool 1: the member 'cost' is not known")]
    [InlineData("""[{ "function": { "function": { "name": "a" } } }]""", "tool 1: a function cannot contain a function")]
    public async Task Chat_ToolsThatAreNone_AreNamedBeforeTheModelIsLoaded(string text, string fault)
    {
        using var folder = new TemporaryFolder();
        string tools = folder.File("tools.json");
        await File.WriteAllTextAsync(tools, text);

        (await SayAsync(["--tools", tools], Cow)).ShouldFailInOneLine(1).Should().Contain(fault);
    }

    [Fact]
    public async Task Chat_ToolsAndAConstraint_AreWrongUsage() =>
        (await SayAsync(["--tools", "tools.json", "--any-json"], Cow)).ShouldFailInOneLine(2).Should().Contain("--tools and --any-json");

    [Fact]
    public async Task Chat_Quit_EndsLikeExit()
    {
        CommandRun run = await SayAsync([], "/quit", Cow);

        run.ShouldSucceed();
        run.Output.Should().BeEmpty();
    }

    [Fact]
    public async Task Chat_OnATerminal_TakesFaultsLightly()
    {
        byte[] input = Encoding.UTF8.GetBytes($"/dance\n{Cow}\n");

        CommandRun run = await CommandRun.OfAsync(["chat", TestModels.Demonstration, .. s_greedily], input, isOutputTerminal: true, isInputTerminal: true);

        run.ExitCode.Should().Be(0);
        run.Output.Should().Be("The cow says moo. \n\n");
        run.Error.Should().StartWith("llama2: prompt format: the model's chat template; context: 1,024 tokens. /help lists the commands")
            .And.Contain("\n> llama2: There is no command '/dance'").And.EndWith("\n> > \n");
    }

    [Theory]
    [InlineData(false, "Interrupted; the conversation is unchanged", "llama2: 0 messages")]
    [InlineData(true, "Interrupted; the written part of the answer is kept", "llama2: 2 messages")]
    public async Task Chat_InterruptedAnswer_IsLeftOutUnlessItIsToBeKept(bool isKept, string notice, string count)
    {
        var interruption = new Interruption();
        using var output = new InterruptingWriter(interruption);
        using var error = new StringWriter();
        using var folder = new TemporaryFolder();
        string path = folder.File("chat.json");
        var host = new ConsoleHost
        {
            Input = new MemoryStream(Encoding.UTF8.GetBytes($"Tell me a story about a dog.\n/stats\n/save {path}\n")),
            OutputStream = Stream.Null,
            Output = output,
            Error = error,
            IsInputTerminal = true,
            Interruption = interruption,
        };

        int exitCode = await CommandLine.RunAsync(["chat", TestModels.Demonstration, "--quiet", .. isKept ? ["--keep-partial"] : Array.Empty<string>()], host, CancellationToken.None);

        exitCode.Should().Be(0);
        output.ToString().Should().NotBeEmpty().And.EndWith("\n");
        output.ToString().Length.Should().BeLessThan(60);
        error.ToString().Should().Contain(notice).And.Contain(count);
        using LlamaModel model = LlamaModel.Load(TestModels.Demonstration);
        IChatSession session = await model.RestoreChatSessionAsync(path);
        session.History.Select(message => message.Content).Should().Equal(isKept ? ["Tell me a story about a dog.", output.ToString()[..^1]] : []);
    }

    [Fact]
    public async Task Chat_InterruptedRetry_KeepsItsPartInPlaceOfTheAnswerBefore()
    {
        var interruption = new Interruption();
        using var output = new InterruptingWriter(interruption) { LineCount = 2 };
        using var folder = new TemporaryFolder();
        string path = folder.File("chat.json");
        var host = new ConsoleHost
        {
            Input = new MemoryStream(Encoding.UTF8.GetBytes($"/system Be kind.\n{Cow}\n/retry\n/save {path}\n")),
            OutputStream = Stream.Null,
            Output = output,
            Error = TextWriter.Null,
            IsInputTerminal = true,
            Interruption = interruption,
        };

        int exitCode = await CommandLine.RunAsync(["chat", TestModels.Demonstration, "--keep-partial"], host, CancellationToken.None);

        exitCode.Should().Be(0);
        using LlamaModel model = LlamaModel.Load(TestModels.Demonstration);
        IChatSession session = await model.RestoreChatSessionAsync(path);
        session.History.Select(message => message.Content).Should().Equal("Be kind.", Cow, output.ToString().Split('\n')[2]);
    }

    [Fact]
    public async Task Chat_OnATerminalThatGivesKeys_EditsAndTakesAPasteAsOneMessage()
    {
        var terminal = new TypedTerminal();
        terminal.Type("What sound does a dog<C-w>");
        terminal.Paste("cow\nmake?");
        terminal.Type("<Enter><Up><C-u><Backspace><C-u>/stats<Enter><C-d>");

        (int exitCode, string output, string error) = await ConverseAsync(terminal, new Interruption());

        exitCode.Should().Be(0);
        output.Should().NotBeEmpty();
        terminal.Screen.Lines.Should().Equal("> What sound does a cow", "  make?", "> /stats", ">");
        terminal.Screen.BracketsPastes.Should().BeFalse();
        error.Should().Contain("llama2: 2 messages");
    }

    [Fact]
    public async Task Chat_CtrlCAtThePrompt_GivesTheLineUpAndTwiceEndsTheProgram()
    {
        var terminal = new TypedTerminal();
        var interruption = new Interruption();
        terminal.Type("half a line");
        Task<(int ExitCode, string Output, string Error)> conversation = ConverseAsync(terminal, interruption);

        await PressCtrlCAsync(terminal, interruption, promptCount: 1);
        await PressCtrlCAsync(terminal, interruption, promptCount: 2);
        terminal.Type("x<Backspace>");
        await PressCtrlCAsync(terminal, interruption, promptCount: 3);

        (await conversation).Should().Be((130, "", "llama2: Ctrl+C once more ends the program, as Ctrl+D does.\n"));
        terminal.Screen.Lines.Should().Equal("> half a line^C", "> ^C", "> ^C");
    }

    [Fact]
    public async Task Chat_FullContext_EndsTheConversationUnlessOldTurnsMayBeLeftOut()
    {
        string[] stories = [.. Enumerable.Repeat("Tell me a story about a dog.", 16)];

        CommandRun stopped = await SayAsync(s_greedily, stories);
        CommandRun dropped = await SayAsync(["--overflow", "drop", .. s_greedily], stories);

        stopped.ExitCode.Should().Be(1);
        stopped.Error.Should().MatchRegex(@"llama2: error: line \d+: The conversation has [\d,]+ tokens and the context holds 1,024: /reset begins a new conversation; with --overflow drop ");
        dropped.ShouldSucceed();
        dropped.Error.Should().MatchRegex(@"The oldest \d+ messages did not fit into the context and were left out\.");
    }

    [Fact]
    public async Task Chat_MaxTokens_CutsTheAnswerAndSaysSo()
    {
        CommandRun run = await SayAsync(["--max-tokens", "3", .. s_greedily], Cow);

        run.Output.Should().Be("The cow\n\n");
        run.Error.Should().Be("llama2: The answer is cut: --max-tokens was reached.\n");
    }

    [Fact]
    public async Task Chat_Cancelled_Exits130Silently()
    {
        CommandRun run = await CommandRun.OfAsync(["chat", TestModels.Demonstration], Encoding.UTF8.GetBytes(Cow), cancellationToken: new CancellationToken(canceled: true));

        run.Should().BeEquivalentTo(new { ExitCode = 130, Output = "", Error = "" });
    }

    // Presses Ctrl+C once the n-th prompt waits for keys and all typed keys have been read.
    private static async Task PressCtrlCAsync(TypedTerminal terminal, Interruption interruption, int promptCount)
    {
        while (terminal.HasInput || terminal.Written.Split("?2004h").Length <= promptCount || !interruption.TryInterrupt())
            await Task.Yield();
    }

    private static async Task<(int ExitCode, string Output, string Error)> ConverseAsync(TypedTerminal terminal, Interruption interruption)
    {
        using var output = new StringWriter();
        using var error = new StringWriter { NewLine = "\n" };
        var host = new ConsoleHost
        {
            Input = Stream.Null,
            OutputStream = Stream.Null,
            Output = output,
            Error = error,
            Terminal = terminal,
            IsInputTerminal = true,
            IsErrorTerminal = false,
            Interruption = interruption,
        };
        int exitCode = await CommandLine.RunAsync(["chat", TestModels.Demonstration, "--quiet", .. s_greedily], host, CancellationToken.None);
        return (exitCode, output.ToString(), error.ToString());
    }

    private static Task<CommandRun> SayAsync(string[] options, params string[] lines) =>
        CommandRun.OfAsync(["chat", TestModels.Demonstration, .. options], Encoding.UTF8.GetBytes(string.Join('\n', lines)));

    // The answer of the library's own chat session, for comparison.
    private static async Task<string> AnswersAsync(string system, params string[] lines)
    {
        using LlamaModel model = LlamaModel.Load(TestModels.Demonstration);
        IChatSession session = model.CreateChatSession(new ChatSessionOptions { SystemPrompt = system });
        var answers = new StringBuilder();
        foreach (string line in lines)
        {
            await foreach (GenerationUpdate update in session.SendAsync(line, new GenerationOptions { Temperature = 0 }))
            {
                answers.Append(update.Text);
            }

            answers.Append("\n\n");
        }

        return answers.ToString();
    }
}
