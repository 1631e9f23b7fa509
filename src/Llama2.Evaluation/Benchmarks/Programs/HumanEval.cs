using System.Globalization;
using Llama2.Evaluation.Tasks;

namespace Llama2.Evaluation.Benchmarks.Programs;

/// <summary>HumanEval (Chen et al. 2021, arXiv 2107.03374): functions in Python, written after their signature and documentation.</summary>
internal static class HumanEval
{
    public static Benchmark Task { get; } = new("humaneval", new DatasetPart("openai/openai_humaneval", null, "test"))
    {
        Description = "HumanEval: pass@k, the probability that one of k programs passes the tests, by the paper's unbiased estimate. Prompt and stop sequences are those of "
            + "lm-evaluation-harness; programs run in a sandbox (BubblewrapSandbox, or the one in the options), in which tests and program are separated.",
        Output = DocumentOutput.Generation,
        HasFixedFewShotCount = true,
        Define = context =>
        {
            var scoring = new ProgramScoring(context.Options, k => new TaskMetric(string.Create(CultureInfo.InvariantCulture, $"pass@{k}"), "create_test"));
            return context.Define(document => document.Text("prompt"), document => $"{document.Text("test")}\ncheck({document.Text("entry_point")})") with
            {
                Generation = scoring.Generation with { StopSequences = ["\nclass", "\ndef", "\n#", "\nif", "\nprint"], MaxTokens = 1024 },
                RepeatCount = scoring.SampleCount,
                Metrics = scoring.Metrics,
                Scorer = (outcome, cancellationToken) => scoring.ScoreAsync(outcome, CodeTasks.HumanEval([outcome.Document])[0], cancellationToken),
            };
        },
    };
}
