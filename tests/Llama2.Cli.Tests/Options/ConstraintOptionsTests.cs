using System.Text;
using System.Text.Json;

namespace Llama2.Cli.Tests.Options;

public sealed class ConstraintOptionsTests : IDisposable
{
    private const string Person = """{"type": "object", "properties": {"name": {"type": "string", "maxLength": 8}, "age": {"type": "integer", "maximum": 150}}, "required": ["name", "age"], "additionalProperties": false}""";

    private static readonly string[] s_generate = ["generate", TestModels.Demonstration, "--prompt", "[INST] Who? [/INST]", "--seed", "5", "--max-tokens", "60", "--quiet"];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task JsonSchema_FromAFileOrStandardInput_IsFollowed()
    {
        byte[] schema = Encoding.UTF8.GetBytes(Person);

        CommandRun file = await CommandRun.OfAsync([.. s_generate, "--json-schema", _folder.Write("person.json", schema)]);
        CommandRun input = await CommandRun.OfAsync([.. s_generate, "--json-schema", "-"], schema);

        file.ShouldSucceed();
        using JsonDocument json = JsonDocument.Parse(file.Output);
        json.RootElement.EnumerateObject().Select(member => member.Name).Should().Equal("name", "age");
        input.Output.Should().Be(file.Output);
    }

    [Theory]
    [InlineData("spaced", ", ")]
    [InlineData("compact", ",")]
    public async Task WhiteSpace_IsTheOneAskedFor(string kind, string separator)
    {
        string schema = _folder.Write("schema.json", [.. """{"const": [1, 2]}"""u8]);

        CommandRun run = await CommandRun.OfAsync([.. s_generate, "--json-schema", schema, "--white-space", kind]);

        run.Output.Should().Be($"[1{separator}2]\n");
    }

    [Fact]
    public async Task AnyJson_IsWholeAtItsLimit()
    {
        CommandRun run = await CommandRun.OfAsync([.. s_generate, "--any-json"]);

        run.ShouldSucceed();
        using JsonDocument json = JsonDocument.Parse(run.Output);
    }

    [Fact]
    public async Task Regex_Grammar_Choice_AreFollowed()
    {
        string grammar = _folder.Write("grammar.gbnf", [.. "root ::= \"(\" [a-c]{3} \")\"\n"u8]);

        (await CommandRun.OfAsync([.. s_generate, "--regex", @"\d{2}-[xy]"])).Output.Should().MatchRegex(@"^\d\d-[xy]\n$");
        (await CommandRun.OfAsync([.. s_generate, "--grammar", grammar])).Output.Should().MatchRegex("^\\([abc]{3}\\)\n$");
        (await CommandRun.OfAsync([.. s_generate, "--choice", "perhaps", "--choice", "never"])).Output.Should().BeOneOf("perhaps\n", "never\n");
    }

    [Fact]
    public async Task Chat_EachAnswerFollowsTheConstraint()
    {
        CommandRun run = await CommandRun.OfAsync(["chat", TestModels.Demonstration, "--quiet", "--choice", "moo", "--choice", "baa"], [.. "What does a cow say?\nAnd a sheep?\n"u8]);

        run.ShouldSucceed();
        run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Should().HaveCount(2).And.BeSubsetOf(["moo", "baa"]);
    }

    [Theory]
    [InlineData("--any-json and --regex", "--any-json", "--regex", "a")]
    [InlineData("--grammar and --choice", "--choice", "a", "--grammar", "g")]
    [InlineData("--choice: ", "--choice", "")]
    [InlineData("--choice needs a value", "--choice", "a", "--choice")]
    [InlineData("--white-space is for", "--white-space", "compact", "--regex", "a")]
    [InlineData("--white-space: 'wide' is not one of spaced, compact, flexible", "--any-json", "--white-space", "wide")]
    public async Task Options_ThatDoNotFit_Exit2WithOneLine(string message, params string[] options) =>
        (await CommandRun.OfAsync([.. s_generate, .. options])).ShouldFailInOneLine(2).Should().Contain(message);

    [Fact]
    public async Task JsonSchema_FromStandardInputThatIsNeeded_Exits2()
    {
        (await CommandRun.OfAsync("generate", TestModels.Demonstration, "--json-schema", "-")).ShouldFailInOneLine(2).Should().Contain("--prompt or --file");
        (await CommandRun.OfAsync("chat", TestModels.Demonstration, "--json-schema", "-")).ShouldFailInOneLine(2).Should().Contain("give a file");
    }

    [Fact]
    public async Task Constraint_ThatCannotBeUsed_Exits1WithThePlace()
    {
        string schema = _folder.Write("schema.json", [.. """{"properties": {"a": {"type": "string", "pattern": "("}}}"""u8]);

        (await CommandRun.OfAsync([.. s_generate, "--json-schema", schema])).ShouldFailInOneLine(1).Should().Contain("'/properties/a/pattern'");
        (await CommandRun.OfAsync([.. s_generate, "--json-schema", _folder.File("none")])).ShouldFailInOneLine(1).Should().Contain("There is no file");
        (await CommandRun.OfAsync([.. s_generate, "--regex", "a("])).ShouldFailInOneLine(1).Should().Contain("position 1");
    }

    [Fact]
    public async Task MaxTokens_BelowTheMinimum_Exits1BeforeTheText()
    {
        CommandRun run = await CommandRun.OfAsync(["generate", TestModels.Demonstration, "--prompt", "x", "--regex", "(abc){40}", "--max-tokens", "3"]);

        run.ShouldFailInOneLine(1).Should().Contain("needs at least");
    }
}
