using System.Text.Json;
using Llama2.Evaluation.Tests.Sandboxes;
using Llama2.Tests;
using Llama2.Tests.Grammar.Schemas;

namespace Llama2.Evaluation.Tests.Code;

public class CodeTasksTests
{
    private const string HumanEvalRow = """
        {"task_id": "Own/0", "prompt": "import math\n\ndef helper(x):\n    return x\n\ndef root(x):\n    \"\"\"The root.\"\"\"\n", "entry_point": "root",
        "canonical_solution": "    return helper(math.sqrt(x))\n", "test": "def check(candidate):\n    assert candidate(4) == helper(2) == math.sqrt(4)\n"}
        """;

    [SharedDataFact("humaneval/HumanEval.jsonl.gz")]
    public void HumanEval_PublishedFile_HasItsTasks()
    {
        IReadOnlyList<CodeTask> tasks = ReadPublished();

        tasks.Select(task => task.Id).Should().Equal(Enumerable.Range(0, 164).Select(i => $"HumanEval/{i}"));
        tasks[0].Prompt.Should().StartWith("from typing import List\n\n\ndef has_close_elements(");
        tasks[0].StopSequences.Should().Equal("\nclass", "\ndef", "\n#", "\nif", "\nprint");
        tasks.Should().OnlyContain(task => task.MaxTokens == 1024 && task.Truncate(task.Solution) == task.Solution);
    }

    [SandboxFact("humaneval/HumanEval.jsonl.gz")]
    public async Task CreateProgram_SolutionsOfHumanEval_AllPass()
    {
        IReadOnlyList<CodeScore> scores = await RunHumanEvalAsync(task => task.Solution);

        scores.Where(score => score.PassedCount != 1).Select(score => $"{score.Task.Id}: {score.Runs[0].Error}").Should().BeEmpty();
        scores.Average(score => score.PassAt(1)).Should().Be(1);
    }

    [SandboxFact]
    public async Task RunAsync_ExampleOfTheDocumentation_GivesPassAt1()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("own.jsonl"), row = HumanEvalRow.ReplaceLineEndings(" ");
        await File.WriteAllLinesAsync(path, [row, row]);
        ICodeSandbox sandbox = await TestSandbox.GetAsync();
        Func<string, string[]> complete = prompt => ["    return math.sqrt(x)\n", "    return x\n", ""];

        IReadOnlyList<CodeTask> tasks = CodeTasks.HumanEval(DataFile.Read(path));
        CodeAnswers[] answers = [.. tasks.Select(task => new CodeAnswers(task, complete(task.Prompt)))];
        IReadOnlyList<CodeScore> scores = await CodeScoring.RunAsync(sandbox, answers);
        double pass1 = scores.Average(score => score.PassAt(1));

        scores.Select(score => score.PassedCount).Should().Equal(1, 1);
        pass1.Should().BeApproximately(1.0 / 3, 1e-15);
    }

    // A function that returns None, and one whose results are lists of the correct result and 0, which no correct result equals.
    [SandboxFact("humaneval/HumanEval.jsonl.gz")]
    public async Task CreateProgram_CorruptedSolutionsOfHumanEval_AllFail()
    {
        IReadOnlyList<CodeScore> scores = await RunHumanEvalAsync(
            _ => "    return None\n",
            task => $"{task.Solution}\n{task.CreateProgram("").CheckedNames[0]} = (lambda f: lambda *a: [f(*a), 0])({task.CreateProgram("").CheckedNames[0]})\n");

        scores.Where(score => score.PassedCount > 0).Select(score => score.Task.Id).Should().BeEmpty();
        scores.SelectMany(score => score.Runs).Should().OnlyContain(run => run.Outcome == CodeRunOutcome.Failed);
    }

    [SandboxFact]
    public async Task CreateProgram_TestsThatUseWhatThePromptDefines_Pass()
    {
        CodeTask task = ReadHumanEval(HumanEvalRow).Single();

        (await TestSandbox.RunAsync(task.CreateProgram(task.Solution))).Error.Should().BeNull();
        (await TestSandbox.RunAsync(task.CreateProgram($"{task.Solution}\n#\nraise Exception"))).Error.Should().BeNull("the text after a stop sequence does not count");
        (await TestSandbox.RunAsync(task.CreateProgram("    return 3\n\nhelper = lambda x: 3\nmath.sqrt = helper\n"))).IsPassed.Should().BeFalse();
    }

    [Theory]
    [InlineData("    return 1\n\ndef g():\n    pass", "    return 1\n")]
    [InlineData("    return 1\n# note\nif x:\n", "    return 1")]
    [InlineData("    return 1\nprint(f(1))\nclass A:", "    return 1")]
    [InlineData("    if x:\n        return 1\n    # note", "    if x:\n        return 1\n    # note")]
    [InlineData("", "")]
    public void Truncate_Completion_EndsAtTheFirstStopSequence(string completion, string expected)
    {
        CodeTask task = ReadHumanEval(HumanEvalRow).Single();

        task.Truncate(completion).Should().Be(expected);
        task.CreateProgram(completion).Code.Should().Be($"{task.Prompt}{expected}\n");
    }

    [Theory]
    [InlineData("{}", "*row 1 cannot be used: it has no text 'prompt'.")]
    [InlineData("[]", "*row 1 cannot be used: it has no text 'prompt'.")]
    [InlineData("{\"prompt\": \"\", \"entry_point\": \"f(1)\\nimport os\"}", "*'entry_point' is not a name.")]
    [InlineData("{\"prompt\": \"\\ud800\", \"entry_point\": \"f\"}", "*row 1 cannot be used*")]
    public void HumanEval_MalformedRow_IsRefused(string row, string message) =>
        FluentActions.Invoking(() => ReadHumanEval(row)).Should().Throw<EvaluationDataException>().WithMessage(message);

    private static async Task<IReadOnlyList<CodeScore>> RunHumanEvalAsync(params Func<CodeTask, string>[] completions)
    {
        IReadOnlyList<CodeTask> tasks = ReadPublished();
        return await CodeScoring.RunAsync(await TestSandbox.GetAsync(), [.. tasks.Select(task => new CodeAnswers(task, [.. completions.Select(complete => complete(task))]))]);
    }

    private static IReadOnlyList<CodeTask> ReadHumanEval(string row)
    {
        using var document = JsonDocument.Parse(row);
        return CodeTasks.HumanEval([document.RootElement]);
    }

    private static IReadOnlyList<CodeTask> ReadPublished() => CodeTasks.HumanEval(DataFile.Read(SharedDataFactAttribute.PathOf("humaneval/HumanEval.jsonl.gz")));
}
