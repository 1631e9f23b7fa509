using System.Text.Json;
using Llama2.Evaluation.Tests.Sandboxes;

namespace Llama2.Evaluation.Tests.Code;

/// <summary>MBPP's form, with rows of our own: the data set is not beside the repository.</summary>
public class MbppTests
{
    private static readonly string[] s_tests = ["assert f(1) == 1", "assert f(2) == 2", "assert f(3) == 3"];

    // The prompt is doc_to_text of three examples, each with doc_to_target, two line breaks after each, and doc_to_text of the question.
    [Fact]
    public void Mbpp_Prompt_IsThatOfTheHarness()
    {
        IReadOnlyList<CodeTask> tasks = Read(Row(11, "Question.", "def f(x):\r\n  return x", s_tests));

        string Shown(string text) =>
            $"You are an expert Python programmer, and here is your task: {text} Your code should pass these tests:\n\nassert f(1) == 1\nassert f(2) == 2\nassert f(3) == 3\n[BEGIN]\n";
        string Example(int id) => $"{Shown($"Example {id}.")}def f(x): return x + {id} - {id}\n[DONE]\n\n";
        tasks.Single().Prompt.Should().Be(Example(2) + Example(3) + Example(4) + Shown("Question."));
        tasks.Single().Should().BeEquivalentTo(new { Id = "MBPP/11", StopSequences = new[] { "[DONE]" }, MaxTokens = 256, Solution = "def f(x):\r\n  return x" });
    }

    [SandboxTheory]
    [InlineData("def f(x): return x", true)]
    [InlineData("def f(x): return x\n[DONE]\nraise Exception", true)]
    [InlineData("def f(x): return 1", false)]
    [InlineData("def g(x): return x", false)]
    [InlineData("", false)]
    public async Task CreateProgram_Completion_PassesIfAllAssertionsHold(string completion, bool passes)
    {
        CodeTask task = Read(Row(11, "", "def f(x): return x", s_tests)).Single();

        (await TestSandbox.RunAsync(task.CreateProgram(completion))).IsPassed.Should().Be(passes);
    }

    // The names of built-in functions mean them, unless the solution defines them.
    [SandboxTheory]
    [InlineData("def sum(a, b): return a * b", "assert sum(2, 3) == 6", "def sum(a, b): return a * b", true)]
    [InlineData("def f(x): return x", "assert set(f([1, 2])) == {2, 1}", "def f(x): return x\nset = lambda x: 7", true)]
    [InlineData("def f(x): return x", "assert len(f([1])) == 2", "def f(x): return x\nlen = lambda x: 2", false)]
    [InlineData("import math\nimport no_such_module\ndef f(x): return math.sqrt(x)", "assert math.isclose(f(2), 1.41421356, rel_tol=1e-6)", "def f(x): return x ** 0.5", true)]
    [InlineData("class Pair(object):\n  def __init__(self, a): self.a = a\ndef f(p): return p.a", "assert f(Pair(3)) == 3", "class Pair:\n  def __init__(self, a): self.a = a\ndef f(p): return p.a", true)]
    public async Task CreateProgram_NamesInAssertions_MeanWhatTheSolutionDefines(string solution, string test, string completion, bool passes)
    {
        CodeTask task = Read(Row(11, "", solution, [test, test, test])).Single();

        (await TestSandbox.RunAsync(task.CreateProgram(completion))).IsPassed.Should().Be(passes);
    }

    [SandboxFact]
    public async Task CreateProgram_SetUpCode_RunsBeforeTheAssertions()
    {
        const string Code = "class Node:\n  def __init__(self, value): self.value, self.next = value, None\ndef length(node): return 1 + length(node.next) if node else 0";
        const string Test = "assert length(root) == 2";
        CodeTask task = Read(Row(11, "", Code, [Test, Test, Test], "root = Node(1)\nroot.next = Node(2)")).Single();

        (await TestSandbox.RunAsync(task.CreateProgram(task.Solution))).Error.Should().BeNull();
        (await TestSandbox.RunAsync(task.CreateProgram(task.Solution.Replace("1 +", "2 +", StringComparison.Ordinal)))).Outcome.Should().Be(CodeRunOutcome.Failed);
    }

    [Theory]
    [InlineData("""{"task_id": 11, "text": "", "code": "", "test_list": ["assert 1"]}""", "*row 1 cannot be used: 'test_list' has 1 items, fewer than 3.")]
    [InlineData("""{"task_id": 1.5, "text": "", "code": "", "test_list": []}""", "*'task_id' is not an integer.")]
    [InlineData("""{"task_id": 11, "text": "", "test_list": ["", "", ""]}""", "*it has no text 'code'.")]
    public void Mbpp_MalformedRow_IsRefused(string row, string message) =>
        FluentActions.Invoking(() => Read(row)).Should().Throw<EvaluationDataException>().WithMessage(message);

    [Fact]
    public void Mbpp_ExamplesAreMissing_IsRefused() =>
        FluentActions.Invoking(() => CodeTasks.Mbpp([], [Parse(Row(2, "", "", s_tests)), Parse(Row(4, "", "", s_tests))]))
            .Should().Throw<EvaluationDataException>().WithMessage("*no row with the task_id 3*");

    private static IReadOnlyList<CodeTask> Read(params string[] rows) =>
        CodeTasks.Mbpp(rows.Select(Parse), new[] { 4, 1, 3, 2 }.Select(id => Parse(Row(id, $"Example {id}.", $"def f(x): return x + {id} - {id}", s_tests))));

    private static string Row(int id, string text, string code, string[] tests, string setUp = "") =>
        JsonSerializer.Serialize(new { task_id = id, text, code, test_list = tests, test_setup_code = setUp, challenge_test_list = Array.Empty<string>() });

    private static JsonElement Parse(string row)
    {
        using var document = JsonDocument.Parse(row);
        return document.RootElement.Clone();
    }
}
