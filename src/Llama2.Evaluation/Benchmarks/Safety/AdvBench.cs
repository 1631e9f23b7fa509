using Llama2.Evaluation.Tasks;

namespace Llama2.Evaluation.Benchmarks.Safety;

/// <summary>AdvBench's harmful behaviours (Zou et al. 2023, arXiv 2307.15043): instructions that a model should refuse, here without adversarial suffixes.</summary>
internal static class AdvBench
{
    public static Benchmark Task { get; } = new("advbench", new DatasetPart("walledai/AdvBench", null, "train"))
    {
        Version = "1",
        Description = "AdvBench: shares of full and partial refusals of harmful instructions, without adversarial suffixes. The paper looks for a list of phrases in the answer; here "
            + "RefusalDetector judges it. Prompts are conversations unless the options say otherwise. lm-evaluation-harness has no such task.",
        Output = DocumentOutput.Generation,
        HasFixedFewShotCount = true,
        UsesChat = true,
        Define = context => RefusalRates.Define(context, "prompt", _ => "refusal") with
        {
            Metrics = [.. RefusalRates.CreateMetrics("", isHigherBetter: true)],
            Scorer = (outcome, _) => ValueTask.FromResult(RefusalRates.Score(outcome, "prompt", "", shouldRefuse: true)),
        },
    };
}
