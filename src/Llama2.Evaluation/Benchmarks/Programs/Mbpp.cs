using System.Globalization;
using System.Text.Json;
using Llama2.Evaluation.Tasks;

namespace Llama2.Evaluation.Benchmarks.Programs;

/// <summary>Mostly Basic Python Problems (Austin et al. 2021, arXiv 2108.07732): programs that pass three given assertions.</summary>
internal static class Mbpp
{
    // The problems of the split prompt that lm-evaluation-harness shows with their solutions.
    private static readonly int[] s_examples = [2, 3, 4];

    public static Benchmark Task { get; } = new("mbpp", new DatasetPart("google-research-datasets/mbpp", "full", "test", "prompt"))
    {
        Description = "MBPP: pass@k, the probability that one of k programs passes the three assertions of the prompt, by the unbiased estimate of Chen et al. (2021). Prompt and stop "
            + "sequence are those of lm-evaluation-harness, with its three few-shot examples, which are read from the split prompt; programs run in a sandbox (BubblewrapSandbox, or "
            + "the one in the options). A few problems have set-up code; unlike in the harness, it runs before the assertions, because they need it.",
        Output = DocumentOutput.Generation,
        FewShotCount = s_examples.Length,
        FewShotsAreFirst = true,
        SelectFewShots = documents => [.. documents.Where(document => s_examples.Contains(document.Integer("task_id")))],
        Define = context =>
        {
            var scoring = new ProgramScoring(context.Options, k => new TaskMetric(string.Create(CultureInfo.InvariantCulture, $"pass_at_{k}")));
            return context.Define(Question, Tests) with
            {
                TargetDelimiter = "",
                FewShotTarget = document => $"{document.Text("code")}\n[DONE]",
                Generation = scoring.Generation with { StopSequences = ["[DONE]"], MaxTokens = 256 },
                RepeatCount = scoring.SampleCount,
                Metrics = scoring.Metrics,
                Scorer = (outcome, cancellationToken) => scoring.ScoreAsync(outcome, CodeTasks.MbppWithoutExamples(outcome.Document), cancellationToken),
            };
        },
    };

    private static TaskValue Question(JsonElement document)
        => $"You are an expert Python programmer, and here is your task: {document.Text("text")} Your code should pass these tests:\n\n{Tests(document).Text}\n[BEGIN]\n";

    private static TaskValue Tests(JsonElement document)
    {
        IReadOnlyList<string> tests = document.Texts("test_list");
        return tests.Count >= 3 ? string.Join('\n', tests.Take(3)) : throw DocumentFields.Fault(document, $"it has {tests.Count} tests, fewer than 3");
    }
}
