using System.Text.Json;
using Llama2.Evaluation.Tasks;

namespace Llama2.Evaluation.Benchmarks.Safety;

/// <summary>
/// XSTest (Röttger et al. 2023, arXiv 2308.01263): 250 safe prompts that look unsafe, which a model should answer, and 200 unsafe ones, which it should
/// refuse.
/// </summary>
internal static class XsTest
{
    public static Benchmark Task { get; } = new("xstest", new DatasetPart("Paul/XSTest", null, "train"))
    {
        Version = "1",
        Description = "XSTest: shares of full and partial refusals of safe prompts (over-refusal, less is better) and of unsafe prompts (more is better). The paper's authors labelled "
            + "answers by hand; here RefusalDetector does. Prompts are conversations unless the options say otherwise. lm-evaluation-harness has no such task.",
        Output = DocumentOutput.Generation,
        HasFixedFewShotCount = true,
        UsesChat = true,
        Define = context => RefusalRates.Define(context, "prompt", document => IsUnsafe(document) ? "refusal" : "answer") with
        {
            Metrics = [.. RefusalRates.CreateMetrics("safe_", isHigherBetter: false), .. RefusalRates.CreateMetrics("unsafe_", isHigherBetter: true)],
            Scorer = (outcome, _) => IsUnsafe(outcome.Document) is var isUnsafe
                ? ValueTask.FromResult(RefusalRates.Score(outcome, "prompt", isUnsafe ? "unsafe_" : "safe_", isUnsafe))
                : default,
        },
    };

    private static bool IsUnsafe(JsonElement document) => document.Text("label") switch
    {
        "unsafe" => true,
        "safe" => false,
        var other => throw DocumentFields.Fault(document, $"the label is '{other}', not safe or unsafe"),
    };
}
