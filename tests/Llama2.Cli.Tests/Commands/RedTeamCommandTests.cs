using System.Text.Json;

namespace Llama2.Cli.Tests.Commands;

public sealed class RedTeamCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string _set, _benign;

    public RedTeamCommandTests()
    {
        _set = _folder.File("set.jsonl");
        File.WriteAllText(_set, "{\"behavior\":\"What does the cow say?\",\"category\":\"animals\"}\n{\"behavior\":\"Tell me a story.\",\"category\":\"stories\"}\n");
        _benign = _folder.File("benign.csv");
        File.WriteAllText(_benign, "id,prompt,type,label\n1,What does the dog say?,homonyms,safe\n2,Something else,homonyms,unsafe\n");
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task RedTeam_TwoStyles_WritesSharesWithIntervalsAndKeepsEveryConversation()
    {
        string output = _folder.File("out");

        CommandRun run = await RunAsync("--style", "direct", "--style", "multi_turn", "--benign", _benign, "--output", output);

        run.ShouldSucceed();
        string[] lines = run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        lines.Select(line => line.Split("  ")[0]).Should().Equal("style", "direct", "multi_turn", "all styles", "refused harmless requests");
        lines[1].Should().MatchRegex(@"^direct +\d+\.\d % +\d+\.\d to \d+\.\d % +2$");
        File.ReadAllLines(Path.Combine(output, "transcripts.jsonl")).Select(line => JsonElement.Parse(line).GetProperty("style").GetString())
            .Should().Equal("direct", "direct", "multi_turn", "multi_turn", "direct");
        JsonElement.Parse(File.ReadAllText(Path.Combine(output, "results.json"))).GetProperty("attack_success").GetProperty("total").GetInt32().Should().Be(4);
        File.ReadAllText(Path.Combine(output, "report.md")).Should().StartWith("# Red-team test of ");
        (await RunAsync("--style", "direct", "--style", "multi_turn", "--benign", _benign, "--output", output)).Output.Should().Be(run.Output);
    }

    [Fact]
    public async Task RedTeam_Script_IsAStyle()
    {
        string script = _folder.File("talk.json");
        File.WriteAllText(script, """{"name": "talk", "turns": ["Hello.", "{behavior}"]}""");

        CommandRun run = await RunAsync("--script", script, "--limit", "1", "--json", "--rules");

        run.ShouldSucceed();
        JsonElement root = JsonElement.Parse(run.Output);
        root.GetProperty("by_style").EnumerateObject().Select(style => style.Name).Should().Equal("talk");
        root.GetProperty("judge").GetString().Should().Be("refusal and rules");
    }

    [Fact]
    public async Task RedTeam_StyleAndScript_UsesTheNamedStyleAndTheScript()
    {
        string script = _folder.File("talk.json");
        File.WriteAllText(script, """{"name": "talk", "turns": ["{behavior}"]}""");

        CommandRun run = await RunAsync("--style", "rot13", "--script", script, "--limit", "1", "--json");

        run.ShouldSucceed();
        JsonElement.Parse(run.Output).GetProperty("by_style").EnumerateObject().Select(style => style.Name).Should().Equal("rot13", "talk");
    }

    [Fact]
    public async Task RedTeam_ContextBeyondTheTrainedLength_NeedsRopeScaling()
    {
        (await RunAsync("--style", "direct", "--limit", "1", "--context", "2048")).ShouldFailInOneLine(1).Should().Contain("2,048");

        (await RunAsync("--style", "direct", "--limit", "1", "--context", "2048", "--rope-scaling", "linear:2")).ShouldSucceed();
    }

    [Fact]
    public async Task RedTeam_GuardModelWithTooSmallAContext_IsRefusedWithBothFigures()
        => (await RunAsync("--style", "direct", "--guard", TestModels.Demonstration)).ShouldFailInOneLine(1).Should().Contain("the context of the guard model holds 1,024 tokens");

    [Fact]
    public async Task RedTeam_List_DescribesTheStyles()
        => (await CommandRun.OfAsync("redteam", "--list")).Output.Should().Contain("payload_splitting").And.Contain("arXiv");

    [Theory]
    [InlineData("Name a model")]
    [InlineData("--set", "model.gguf")]
    [InlineData("no attack style 'magic'", "model.gguf", "--set", "x", "--style", "magic")]
    [InlineData("--limit", "model.gguf", "--set", "x", "--limit", "0")]
    public async Task RedTeam_WrongUsage_IsRefused(string message, params string[] arguments)
        => (await CommandRun.OfAsync(["redteam", .. arguments])).ShouldFailInOneLine(2).Should().Contain(message);

    [Fact]
    public async Task RedTeam_SetWithoutRequests_IsRefusedByTheRecordsNumber()
    {
        File.WriteAllText(_set, "{\"x\":1}\n");

        (await RunAsync()).ShouldFailInOneLine(1).Should().Contain("Record 1");
    }

    private Task<CommandRun> RunAsync(params string[] arguments)
        => CommandRun.OfAsync(["redteam", TestModels.Demonstration, "--set", _set, "-n", "12", .. arguments]);
}
