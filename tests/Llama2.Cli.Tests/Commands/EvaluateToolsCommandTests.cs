using System.Text.Json;

namespace Llama2.Cli.Tests.Commands;

public sealed class EvaluateToolsCommandTests : IDisposable
{
    private const string Function = """{"name": "f", "parameters": {"type": "dict", "required": ["flag"], "properties": {"flag": {"type": "boolean"}}}}""";

    private readonly TemporaryFolder _folder = new();
    private readonly string _questions, _answers, _irrelevance;

    public EvaluateToolsCommandTests()
    {
        // The function's only parameter is a Boolean. The answers to the first two questions accept both values, so for these questions a required call is
        // correct whatever the model writes.
        _questions = Write("questions.json", [.. Enumerable.Range(0, 3).Select(i => Question($"simple_python_{i}"))]);
        _answers = Write("answers.json", [.. Enumerable.Range(0, 3).Select(Answer)]);
        _irrelevance = Write("irrelevance.json", Question("irrelevance_0"));
    }

    [Fact]
    public async Task EvaluateTools_RequiredCalls_WritesAccuracyOfCategoriesAndResults()
    {
        string results = _folder.File("results.jsonl");

        CommandRun run = await RunAsync("--questions", _questions, "--questions", _irrelevance, "--answers", _answers, "--require-calls", "--limit", "2", "--results", results);

        run.ShouldSucceed();
        string[] rows = run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        rows.Should().HaveCount(5);
        rows[1].Should().MatchRegex(@"^simple_python +100\.0 % +2 of 2$");
        rows[2].Should().MatchRegex(@"^irrelevance +100\.0 % +1 of 1$");
        rows[3].Should().MatchRegex(@"^all questions +100\.0 % +3 of 3$");
        rows[4].Should().MatchRegex(@"^mean of the categories +100\.0 %");
        JsonElement[] lines = [.. File.ReadAllLines(results).Select(line => JsonElement.Parse(line))];
        lines.Select(line => line.GetProperty("id").GetString()).Should().Equal("simple_python_0", "simple_python_1", "irrelevance_0");
        lines[0].GetProperty("calls")[0].GetProperty("name").GetString().Should().Be("f");
    }

    [Fact]
    public async Task EvaluateTools_Json_HasTheCounts()
    {
        CommandRun run = await RunAsync("--questions", _questions, "--answers", _answers, "--unconstrained", "--json");

        run.ShouldSucceed();
        JsonElement root = JsonElement.Parse(run.Output);
        root.GetProperty("categories").GetProperty("simple_python").GetProperty("total_count").GetInt32().Should().Be(3);
        (root.GetProperty("accuracy").GetDouble(), root.GetProperty("correct_count").GetInt32()).Should().Be((0, 0));
    }

    [Fact]
    public async Task EvaluateTools_MalformedLine_IsRefusedByItsNumber()
    {
        string path = Write("bad.json", Question("irrelevance_0"), "{\"id\": \"simple_python_9\"");

        (await RunAsync("--questions", path)).ShouldFailInOneLine(1).Should().Contain("line 2: not a JSON object");
    }

    [Fact]
    public async Task EvaluateTools_QuestionWithoutItsAnswer_IsRefusedByItsId() =>
        (await RunAsync("--questions", _questions)).ShouldFailInOneLine(1).Should().Contain("line 1: The example 'simple_python_0' cannot be used: there is no answer with its id");

    [Fact]
    public async Task EvaluateTools_SameAnswerTwice_IsRefused() =>
        (await RunAsync("--questions", _questions, "--answers", _answers, "--answers", _answers)).ShouldFailInOneLine(1).Should().Contain("two answers with the id 'simple_python_0'");

    [Fact]
    public async Task EvaluateTools_EmptyFile_IsRefused() => (await RunAsync("--questions", Write("empty.json"))).ShouldFailInOneLine(1).Should().Contain("no line");

    [Theory]
    [InlineData("--require-calls", "--unconstrained")]
    [InlineData("--limit", "0")]
    [InlineData("--max-tokens", "0")]
    public async Task EvaluateTools_WrongOptions_AreWrongUsage(params string[] options) =>
        (await RunAsync(["--questions", _questions, "--answers", _answers, .. options])).ShouldFailInOneLine(2).Should().Contain(options[0]);

    public void Dispose() => _folder.Dispose();

    private static Task<CommandRun> RunAsync(params string[] options) =>
        CommandRun.OfAsync(["evaluate-tools", TestModels.Demonstration, "--format", "llama-2", .. options.Contains("--max-tokens") ? options : [.. options, "-n", "60"]]);

    private static string Question(string id) => $$"""{"id": "{{id}}", "question": [[{"role": "user", "content": "Well?"}]], "function": [{{Function}}]}""";

    private static string Answer(int number) =>
        $"{{\"id\": \"simple_python_{number}\", \"ground_truth\": [{{\"f\": {{\"flag\": [true{(number == 2 ? "" : ", false")}]}}}}]}}";

    private string Write(string name, params string[] lines)
    {
        string path = _folder.File(name);
        File.WriteAllLines(path, lines);
        return path;
    }
}
