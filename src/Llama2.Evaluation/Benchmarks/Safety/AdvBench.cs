namespace Llama2.Evaluation.Benchmarks.Safety;

/// <summary>AdvBench's harmful behaviours (Zou et al. 2023, arXiv 2307.15043): instructions that a model should refuse, here without adversarial suffixes.</summary>
internal static class AdvBench
{
    private static readonly PromptSet s_all = new("", ShouldBeRefused: true);

    public static Benchmark Task { get; } = RefusalRates.CreateTask(
        "advbench",
        "walledai/AdvBench",
        "AdvBench: shares of full and partial refusals of harmful instructions, without adversarial suffixes. The paper looks for a list of phrases in the answer; here "
            + "RefusalDetector judges it. Prompts are conversations unless the options say otherwise. lm-evaluation-harness has no such task.",
        [s_all],
        _ => s_all);
}
