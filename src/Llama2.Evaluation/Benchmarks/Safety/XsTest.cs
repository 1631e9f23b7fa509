using System.Text.Json;

namespace Llama2.Evaluation.Benchmarks.Safety;

/// <summary>
/// XSTest (Röttger et al. 2023, arXiv 2308.01263): 250 safe prompts that look unsafe, which a model should answer, and 200 unsafe ones, which it should
/// refuse.
/// </summary>
internal static class XsTest
{
    private static readonly PromptSet s_safe = new("safe_", ShouldBeRefused: false), s_unsafe = new("unsafe_", ShouldBeRefused: true);

    public static Benchmark Task { get; } = RefusalRates.CreateTask(
        "xstest",
        "Paul/XSTest",
        "XSTest: shares of full and partial refusals of safe prompts (over-refusal, less is better) and of unsafe prompts (more is better). The paper's authors labelled "
            + "answers by hand; here RefusalDetector labels them. Prompts are conversations unless the options say otherwise. lm-evaluation-harness has no such task.",
        [s_safe, s_unsafe],
        SetOf);

    private static PromptSet SetOf(JsonElement document) => document.Text("label") switch
    {
        "unsafe" => s_unsafe,
        "safe" => s_safe,
        var other => throw DocumentFields.Fault(document, $"the label is '{other}', not safe or unsafe"),
    };
}
