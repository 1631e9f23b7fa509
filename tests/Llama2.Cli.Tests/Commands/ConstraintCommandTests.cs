using System.Text;
using System.Text.Json;

namespace Llama2.Cli.Tests.Commands;

public sealed class ConstraintCommandTests : IDisposable
{
    private const string Person = """{"type": "object", "properties": {"name": {"type": "string", "maxLength": 5}, "age": {"type": "integer"}}, "required": ["name"], "additionalProperties": false}""";
    private const string LookBehind = """{"type": "object", "properties": {"a": {"type": "string", "pattern": "(?<=a)b"}}}""";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Check_SupportedSchema_ShowsItsSize()
    {
        CommandRun plain = await CommandRun.OfAsync("constraint", "check", Write(Person));
        CommandRun tokens = await CommandRun.OfAsync("constraint", "check", Write("""{"const": true}"""), "--tokenizer", TestModels.Demonstration);

        plain.ShouldSucceed();
        plain.Output.Should().MatchRegex(@"^supported: \d+ rules?, \d+ lexemes\n$");
        tokens.Output.Should().MatchRegex(@"^supported: 1 rule, 1 lexeme; at least \d tokens?\n$");
    }

    [Fact]
    public async Task Check_StandardInput_WritesJson()
    {
        CommandRun run = await CommandRun.OfAsync(["constraint", "check", "-", "--json", "--tokenizer", TestModels.Demonstration], Encoding.UTF8.GetBytes(Person));

        run.ShouldSucceed();
        using JsonDocument json = JsonDocument.Parse(run.Output);
        json.RootElement.GetProperty("rules").GetInt32().Should().BePositive();
        json.RootElement.GetProperty("min_tokens").GetInt32().Should().BeGreaterThan(3);
    }

    [Theory]
    [InlineData(LookBehind, "'/properties/a/pattern'")]
    [InlineData("""{"properties": {"a": {"$ref": "https://example.org/"}}}""", "/properties/a")]
    [InlineData("""{"type": "string", "minLength": 3, "maxLength": 2}""", "No text fits")]
    [InlineData("{", "not JSON")]
    public async Task Check_RefusedSchema_Exits1WithThePathInOneLine(string schema, string place) =>
        (await CommandRun.OfAsync("constraint", "check", Write(schema))).ShouldFailInOneLine(1).Should().Contain(place);

    [Fact]
    public async Task Test_Texts_AreAcceptedOrRefusedAtAToken()
    {
        string texts = _folder.Write("texts.jsonl", [.. "{\"name\":\"Anna\"}\n{\"name\": \"Annabella\"}\n{\"name\":\"Z\\u00f6\",\"age\":1e0}\n{\"name\":\"\", \"age\":-12}\n{}"u8]);

        CommandRun run = await CommandRun.OfAsync("constraint", "test", Write(Person), "--jsonl", texts, "--tokenizer", TestModels.Demonstration);

        run.ExitCode.Should().Be(1);
        run.Error.Should().Be("llama2: error: 3 of 5 texts do not fit the schema.\n");
        string[] lines = run.Output.TrimEnd('\n').Split('\n');
        lines.Should().HaveCount(5);
        lines[0].Should().MatchRegex(@"^1: accepted, \d+ tokens$");
        lines[1].Should().MatchRegex("^2: refused at token \\d+ of \\d+: '.*' after '\\{\"name\": \"Anna");
        lines[2].Should().Contain("3: refused at token").And.EndWith("""after '{"name": "Z\u00f6", "age": 1'""");
        lines[3].Should().StartWith("4: accepted");
        lines[4].Should().StartWith("5: refused at token");
    }

    [Fact]
    public async Task Test_TextThatBeginsLikeOneThatFits_IsRefusedAtItsEnd()
    {
        string schema = Write("""{"type": "integer", "minimum": 10}"""), texts = _folder.Write("texts.jsonl", [.. "1"u8]);

        CommandRun run = await CommandRun.OfAsync("constraint", "test", schema, "--jsonl", texts, "--tokenizer", TestModels.Demonstration);

        run.Output.Should().MatchRegex("^1: refused at its end, after token \\d: more must follow '1'\n$");
    }

    [Fact]
    public async Task Test_Json_GivesTheTimesOfMasks()
    {
        string texts = _folder.Write("texts.jsonl", [.. "{\"name\":\"Anna\"}\n"u8]);

        CommandRun run = await CommandRun.OfAsync("constraint", "test", Write(Person), "--jsonl", texts, "--tokenizer", TestModels.Demonstration, "--json");

        run.ShouldSucceed();
        using JsonDocument json = JsonDocument.Parse(run.Output);
        JsonElement result = json.RootElement.GetProperty("results").EnumerateArray().Single();
        result.GetProperty("accepted").GetBoolean().Should().BeTrue();
        json.RootElement.GetProperty("masks").GetInt32().Should().Be(result.GetProperty("tokens").GetInt32() + 1);
        json.RootElement.GetProperty("mask_average_us").GetDouble().Should().BePositive();
    }

    [Theory]
    [InlineData("{")]
    [InlineData("{\"\\ud800\": 1}")]
    public async Task Test_MalformedLine_Exits1WithItsNumber(string line)
    {
        string texts = _folder.Write("texts.jsonl", Encoding.UTF8.GetBytes($"{{\"name\":\"Anna\"}}\n{line}\n"));

        CommandRun run = await CommandRun.OfAsync("constraint", "test", Write(Person), "--jsonl", texts, "--tokenizer", TestModels.Demonstration, "--json");

        run.ShouldFailInOneLine(1).Should().Contain("line 2: ");
    }

    [Fact]
    public async Task Bench_CountsWhatIsRightAndWrong()
    {
        string[] lines =
        [
            $$"""{"name": "good", "schema": {{Person}}, "tests": [{"data": {"name": "Anna"}, "valid": true}, {"data": {"name": 1}, "valid": false}]}""",
            $$"""{"name": "refused", "schema": {{LookBehind}}, "tests": []}""",
            """{"name": "mistaken", "schema": {"type": "integer"}, "tests": [{"data": 1, "valid": false}, {"data": "a", "valid": true}, {"data": 2, "valid": true}]}""",
        ];
        string file = _folder.Write("bench.jsonl", Encoding.UTF8.GetBytes(string.Join('\n', lines)));

        CommandRun run = await CommandRun.OfAsync("constraint", "bench", file, "--tokenizer", TestModels.Demonstration, "--json");

        run.ExitCode.Should().Be(0);
        using JsonDocument json = JsonDocument.Parse(run.Output);
        string[] names = ["schemas", "passed", "compile_errors", "valid_rejected", "invalid_accepted"];
        names.Select(name => json.RootElement.GetProperty(name).GetInt32()).Should().Equal(3, 1, 1, 1, 1);
        foreach (string name in (string[])["mask_average_us", "mask_p99_us", "compile_median_ms", "compile_worst_ms"])
            json.RootElement.GetProperty(name).GetDouble().Should().BePositive();
        run.Error.Split('\n').Should().HaveCount(4)
            .And.Contain(line => line.StartsWith("refused: ", StringComparison.Ordinal) && line.Contains("/properties/a/pattern", StringComparison.Ordinal))
            .And.Contain("mistaken: accepts an invalid text: 1")
            .And.Contain(line => line.StartsWith("mistaken: rejects a valid text at token 1 of ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Bench_MembersInAnotherOrder_AreWrittenInTheOrderOfTheSchema()
    {
        const string Schema = """{"$ref": "#/$defs/pair", "$defs": {"pair": {"properties": {"b": {"items": {"properties": {"y": {}, "x": {}}}}, "a": {}}, "required": ["b", "a"]}}}""";
        string file = _folder.Write("bench.jsonl", Encoding.UTF8.GetBytes($$"""{"schema": {{Schema}}, "tests": [{"data": {"a": 1, "b": [{"x": 1, "y": 2}]}, "valid": true}]}"""));

        CommandRun run = await CommandRun.OfAsync("constraint", "bench", file, "--tokenizer", TestModels.Demonstration);

        run.Output.Should().StartWith("schemas 1, passed 1 (100.0 %)\n");
    }

    [Fact]
    public async Task Bench_TextWithHalfOfASurrogatePair_Exits1WithItsNumber()
    {
        string file = _folder.Write("bench.jsonl", Encoding.UTF8.GetBytes("""{"schema": {"required": ["\ud800"]}, "tests": [{"data": {}, "valid": true}]}"""));

        (await CommandRun.OfAsync("constraint", "bench", file, "--tokenizer", TestModels.Demonstration)).ShouldFailInOneLine(1).Should().Contain("line 1: ").And.Contain("surrogate");
    }

    [Fact]
    public async Task Bench_Quiet_WritesOnlyTheFigures()
    {
        string file = _folder.Write("bench.jsonl", Encoding.UTF8.GetBytes($$"""{"schema": {{LookBehind}}, "tests": []}"""));

        CommandRun run = await CommandRun.OfAsync("constraint", "bench", file, "--tokenizer", TestModels.Demonstration, "--quiet");

        run.Error.Should().BeEmpty();
        run.Output.Should().StartWith("schemas 1, passed 0 (0.0 %)\ncompile errors 1, ");
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("""{"schema": {}}""")]
    [InlineData("""{"schema": {}, "tests": [{"data": 1}]}""")]
    public async Task Bench_LineOfAnotherShape_Exits1WithItsNumber(string line)
    {
        string file = _folder.Write("bench.jsonl", Encoding.UTF8.GetBytes("{\"schema\": {}, \"tests\": []}\n" + line));

        (await CommandRun.OfAsync("constraint", "bench", file, "--tokenizer", TestModels.Demonstration)).ShouldFailInOneLine(1).Should().Contain("line 2: ");
    }

    private string Write(string schema) => _folder.Write($"{Guid.NewGuid()}.json", Encoding.UTF8.GetBytes(schema));
}
