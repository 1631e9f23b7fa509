using System.Text;
using System.Text.Json;
using Llama2.Tests;
using UnitTesting;

namespace Llama2.Evaluation.Tests.ToolCalls;

public sealed class ToolCallEvaluationTests(DemonstrationModel demonstration) : IClassFixture<DemonstrationModel>
{
    private const string Functions = """[{"name": "f", "parameters": {"type": "dict", "required": ["i"], "properties": {"i": {"type": "integer"}}}}]""";

    private static readonly ToolCallEvaluationOptions s_options = new() { PromptFormat = PromptFormat.ChatMl };

    [Fact]
    public async Task RunAsync_ScriptedAnswers_AreJudgedCountedAndReported()
    {
        ToolCallExample[] examples = [Example("simple_python_0", 1), Example("simple_python_1", 2), Example("parallel_0", 1, 2), Irrelevant("irrelevance_0"), Irrelevant("irrelevance_1")];
        var model = new ScriptedModel(demonstration.Model.Tokenizer, Call(1), Call(1), $"I call.\n{Call(2)}\n{Call(1)}", "No function fits.", Call(1));
        List<EvaluationProgress> progress = [];

        List<ToolCallResult> results = await ToolCallEvaluation.RunAsync(model, examples, s_options, new Progress(progress)).ToListAsync();

        results.Select(result => result.Verdict.Fault).Should().Equal(
            ToolCallFault.None, ToolCallFault.WrongValue, ToolCallFault.None, ToolCallFault.None, ToolCallFault.UnneededCall);
        results.Select(result => result.Calls.Count).Should().Equal(1, 1, 2, 0, 1);
        results.Should().OnlyContain(result => result.Usage!.GeneratedTokenCount > 0);
        progress.Select(step => (step.CompletedCount, step.TotalCount)).Should().Equal((1, 5), (2, 5), (3, 5), (4, 5), (5, 5));
        progress[^1].Value.Should().Be(0.6);
        var accuracy = ToolCallAccuracy.Of(results);
        accuracy.Categories.Should().Equal(new ToolCallCategoryAccuracy("simple_python", 1, 2), new ToolCallCategoryAccuracy("parallel", 1, 1), new ToolCallCategoryAccuracy("irrelevance", 1, 2));
        (accuracy.CorrectCount, accuracy.TotalCount, accuracy.Value).Should().Be((3, 5, 0.6));
        accuracy.CategoryMean.Should().BeApproximately(2.0 / 3, 1e-15);
    }

    // The demonstration model knows no functions: only the constraint makes it call one, and only for a question whose answer has calls.
    [Theory]
    [InlineData(true, true, 1)]
    [InlineData(true, false, 0)]
    [InlineData(false, false, 0)]
    public async Task RunAsync_RealModel_CallsIfItMust(bool constrains, bool requires, int expectedCallCount)
    {
        var options = new ToolCallEvaluationOptions
        {
            PromptFormat = PromptFormat.Llama2,
            Constrain = constrains,
            RequireCalls = requires,
            MaxCallCount = 1,
            Generation = ToolCallEvaluationOptions.DefaultGeneration with { MaxTokens = 60 },
        };

        List<ToolCallResult> results = await ToolCallEvaluation.RunAsync(demonstration.Model, [Example("simple_python_0", 1), Irrelevant("irrelevance_0")], options).ToListAsync();

        results.Select(result => result.Calls.Count).Should().Equal(expectedCallCount, 0);
        results[1].Verdict.IsCorrect.Should().BeTrue();
        if (requires)
            results[0].Calls[0].Arguments.GetProperty("i").ValueKind.Should().Be(JsonValueKind.Number);
    }

    [Fact]
    public async Task RunAsync_PromptLongerThanTheContext_IsNotAnsweredAndTheOthersAre()
    {
        string question = string.Concat(Enumerable.Repeat("Tim saw a dog. ", 400));
        ToolCallExample[] examples = [Irrelevant("irrelevance_0", question), Irrelevant("irrelevance_1")];

        List<ToolCallResult> results = await ToolCallEvaluation.RunAsync(
            demonstration.Model, examples, new ToolCallEvaluationOptions { PromptFormat = PromptFormat.Llama2, Generation = new GenerationOptions { MaxTokens = 3 } }).ToListAsync();

        results.Select(result => result.Verdict.Fault).Should().Equal(ToolCallFault.NotAnswered, ToolCallFault.None);
        (results[0].Usage, results[0].Verdict.Message).Should().Match<(GenerationUsage? Usage, string? Message)>(it => it.Usage == null && it.Message!.Contains("context"));
    }

    [Fact]
    public async Task RunAsync_SystemMessageOfTheQuestion_ComesBeforeTheFunctions()
    {
        var example = ToolCallExample.Parse(JsonElement.Parse(
            $$"""{"id": "irrelevance_0", "question": [[{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Well?"}]], "function": {{Functions}}}"""));
        var model = new PromptModel(demonstration.Model.Tokenizer);

        await ToolCallEvaluation.RunAsync(model, [example], s_options).ToListAsync();

        model.Prompt.Should().Contain($"Be brief.\n\n{ToolFormat.Json.Announce(example.Tools)}<|im_end|>").And.Contain("Well?");
        model.Options!.Constraint!.Kind.Should().Be("tool calls");
    }

    [Fact]
    public async Task RunAsync_Cancelled_Ends()
    {
        using var source = new CancellationTokenSource();
        var model = new ScriptedModel(demonstration.Model.Tokenizer, "No.");
        int count = 0;

        Func<Task> running = async () =>
        {
            await foreach (ToolCallResult _ in ToolCallEvaluation.RunAsync(model, [Irrelevant("irrelevance_0"), Irrelevant("irrelevance_1")], s_options, null, source.Token))
            {
                count++;
                await source.CancelAsync();
            }
        };

        await running.Should().ThrowAsync<OperationCanceledException>();
        count.Should().Be(1);
    }

    [Fact]
    public async Task WriteLine_Results_AreJsonObjectsInLines()
    {
        var model = new ScriptedModel(demonstration.Model.Tokenizer, Call(1), Call(3));
        using var stream = new MemoryStream();

        await foreach (ToolCallResult result in ToolCallEvaluation.RunAsync(model, [Example("simple_python_0", 1), Example("simple_python_1", 2)], s_options))
            result.WriteLine(stream);

        JsonElement[] lines = [.. Encoding.UTF8.GetString(stream.ToArray()).TrimEnd('\n').Split('\n').Select(line => JsonElement.Parse(line))];
        lines.Select(line => line.GetProperty("id").GetString()).Should().Equal("simple_python_0", "simple_python_1");
        lines.Select(line => line.GetProperty("is_correct").GetBoolean()).Should().Equal(true, false);
        lines.Select(line => line.GetProperty("fault").GetString()).Should().Equal(null, "wrong_value");
        lines[1].GetProperty("message").GetString().Should().Be("'i' is 3; accepted are 2.");
        lines[0].GetProperty("text").GetString().Should().BeEmpty();
        lines[0].GetProperty("calls").GetRawText().Should().Be("""[{"name":"f","arguments":{"i":1}}]""");
        lines[0].GetProperty("generated_tokens").GetInt32().Should().BeGreaterThan(5);
    }

    [Fact]
    public void Of_NoResults_IsZero()
    {
        var accuracy = ToolCallAccuracy.Of([]);

        (accuracy.Value, accuracy.CategoryMean, accuracy.TotalCount).Should().Be((0, 0, 0));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(65)]
    public void MaxCallCount_OutOfRange_IsRefused(int count) =>
        FluentActions.Invoking(() => new ToolCallEvaluationOptions { MaxCallCount = count }).Should().Throw<ArgumentOutOfRangeException>();

    private static string Call(int value) => $"<tool_call>\n{{\"name\": \"f\", \"arguments\": {{\"i\": {value}}}}}\n</tool_call>";

    private static ToolCallExample Example(string id, params int[] values) => ToolCallExample.Parse(
        Question(id, "Well?"), JsonElement.Parse($$"""{"ground_truth": [{{string.Join(", ", values.Select(value => $"{{\"f\": {{\"i\": [{value}]}}}}"))}}]}"""));

    private static ToolCallExample Irrelevant(string id, string question = "Well?") => ToolCallExample.Parse(Question(id, question));

    private static JsonElement Question(string id, string question) =>
        JsonElement.Parse($$"""{"id": "{{id}}", "question": [[{"role": "user", "content": "{{question}}"}]], "function": {{Functions}}}""");

    private sealed class Progress(List<EvaluationProgress> steps) : IProgress<EvaluationProgress>
    {
        public void Report(EvaluationProgress value) => steps.Add(value);
    }

    private sealed class PromptModel(ModelTokenizer tokenizer) : ILlamaModel
    {
        private readonly ScriptedModel _script = new(tokenizer, "No.");

        public string? Prompt { get; private set; }

        public GenerationOptions? Options { get; private set; }

        public ModelConfiguration Configuration => _script.Configuration;

        public ModelTokenizer Tokenizer => tokenizer;

        public IAsyncEnumerable<GenerationUpdate> GenerateAsync(ReadOnlyMemory<int> promptTokens, GenerationOptions? options = null, CancellationToken cancellationToken = default)
        {
            (Prompt, Options) = (tokenizer.Decode(promptTokens.Span), options);
            return _script.GenerateAsync(promptTokens, options, cancellationToken);
        }

        public void Dispose()
        {
        }
    }
}
