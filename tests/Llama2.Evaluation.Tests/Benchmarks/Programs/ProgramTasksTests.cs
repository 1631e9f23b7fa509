using Llama2.Evaluation.Benchmarks;
using Llama2.Tests.Grammar.Schemas;

namespace Llama2.Evaluation.Tests.Benchmarks.Programs;

public class ProgramTasksTests
{
    private static readonly DocumentSource s_humanEval = (_, _, _) => Documents.Parse(
        """{"task_id": "HumanEval/0", "prompt": "def one():\n    \"\"\"One.\"\"\"\n", "canonical_solution": "    return 1\n", "test": "def check(candidate):\n    assert candidate() == 1\n", "entry_point": "one"}""",
        """{"task_id": "HumanEval/1", "prompt": "def two():\n    \"\"\"Two.\"\"\"\n", "canonical_solution": "    return 2\n", "test": "def check(candidate):\n    assert candidate() == 2\n", "entry_point": "two"}""");

    private static readonly DocumentSource s_mbpp = (_, _, split) => split == "test"
        ? Documents.Parse("""{"task_id": 11, "text": "Add.", "code": "def add(a, b):\n  return a + b", "test_list": ["assert add(1, 2) == 3", "assert add(0, 0) == 0", "assert add(2, 2) == 4", "assert add(9, 9) == 18"]}""")
        : Documents.Parse([.. Enumerable.Range(1, 10).Select(id => $$"""{"task_id": {{id}}, "text": "Task {{id}}.", "code": "code {{id}}", "test_list": ["a", "b", "c"]}""")]);

    [Fact]
    public async Task HumanEval_SeveralPrograms_GivePassAtK()
    {
        var options = new BuiltInTaskOptions { Sandbox = new KeywordSandbox("return good"), SampleCount = 3, PassCounts = [1, 2] };
        IEvaluationTask task = BuiltInTasks.Create("humaneval", s_humanEval, options).Tasks[0];

        // The second problem's first program ends before its good part.
        TaskReport report = await RecordedTexts.RunAsync(task, ["    return good", "    return bad", "    return bad"], ["    return bad\ndef f():\n    return good", "    pass", "    pass"]);

        // By hand: 1 of 3 programs passes for the first problem, none for the second.
        report.ValueOf("pass@1").Should().BeApproximately((1.0 / 3) / 2, 1e-12);
        report.ValueOf("pass@2").Should().BeApproximately((2.0 / 3) / 2, 1e-12);
        report.Examples.Select(example => example.Score.IsCorrect).Should().Equal(true, false);
    }

    [Fact]
    public void HumanEval_OneProgram_IsGreedyWithTheHarnessesStopSequences()
    {
        IEvaluationTask task = BuiltInTasks.Create("humaneval", s_humanEval).Tasks[0];

        task.CreateExample(0).Requests.Should().Equal(
            new GenerationRequest("def one():\n    \"\"\"One.\"\"\"\n") { StopSequences = ["\nclass", "\ndef", "\n#", "\nif", "\nprint"], MaxTokens = 1024 });
        task.Metrics.Select(metric => metric.Key).Should().Equal("pass@1,create_test");
    }

    [Fact]
    public void HumanEval_SeveralPrograms_AreDrawn()
    {
        IEvaluationTask task = BuiltInTasks.Create("humaneval", s_humanEval, new BuiltInTaskOptions { PassCounts = [1, 4] }).Tasks[0];

        IReadOnlyList<EvaluationRequest> requests = task.CreateExample(0).Requests;

        requests.Should().HaveCount(4).And.OnlyHaveUniqueItems();
        requests.Cast<GenerationRequest>().Should().OnlyContain(request => request.Temperature == 0.2f && request.TopP == 0.95f);
    }

    [Fact]
    public void HumanEval_KAboveTheNumberOfPrograms_IsRefused()
    {
        Action create = () => BuiltInTasks.Create("humaneval", s_humanEval, new BuiltInTaskOptions { SampleCount = 2, PassCounts = [1, 3] });
        create.Should().Throw<ArgumentException>().WithMessage("pass@3 *SampleCount is 2*");
    }

    [Fact]
    public async Task Mbpp_Prompt_ShowsThreeSolvedProblemsAndThreeTests()
    {
        IEvaluationTask task = BuiltInTasks.Create("mbpp", s_mbpp, new BuiltInTaskOptions { Sandbox = new KeywordSandbox("def add") }).Tasks[0];

        string prompt = string.Concat(new[] { 2, 3, 4 }.Select(id =>
            $"You are an expert Python programmer, and here is your task: Task {id}. Your code should pass these tests:\n\na\nb\nc\n[BEGIN]\ncode {id}\n[DONE]\n\n"))
            + "You are an expert Python programmer, and here is your task: Add. Your code should pass these tests:\n\n"
            + "assert add(1, 2) == 3\nassert add(0, 0) == 0\nassert add(2, 2) == 4\n[BEGIN]\n";
        task.CreateExample(0).Requests.Should().Equal(new GenerationRequest(prompt) { StopSequences = ["[DONE]"], MaxTokens = 256 });
        (await RecordedTexts.RunAsync(task, ["def add(a, b):\n    return a + b"])).ValueOf("pass_at_1").Should().Be(1);
    }

    [SharedDataFact("humaneval/HumanEval.jsonl.gz")]
    public void HumanEval_DataSet_HasOneHundredAndSixtyFourProblems()
    {
        IEvaluationTask task = BuiltInTasks.Create("humaneval", DataFolder.Open(SharedDataFactAttribute.PathOf(""))).Tasks[0];
        task.ExampleCount.Should().Be(164);
        ((GenerationRequest)task.CreateExample(0).Requests[0]).Prompt.Text.Should().StartWith("from typing import List\n\n\ndef has_close_elements(");
    }
}
