using Llama2.Evaluation.Tasks;

namespace Llama2.Evaluation.Benchmarks.Reasoning;

/// <summary>Physical Interaction QA (Bisk et al. 2020, arXiv 1911.11641): which of two ways reaches a goal.</summary>
internal static class Piqa
{
    public static Benchmark Task { get; } = new("piqa", new DatasetPart("baber/piqa", null, "validation", "train"))
    {
        Description = "PIQA: which of two ways reaches a goal; accuracy without and with division of the log-likelihood by the text's characters, as "
            + "lm-evaluation-harness computes it.",
        Output = DocumentOutput.MultipleChoice,
        Define = context => context.Define(document => $"Question: {document.Text("goal")}\nAnswer:", document => document.Integer("label")) with
        {
            Choices = document => [document.Text("sol1"), document.Text("sol2")],
            Metrics = BenchmarkMetrics.BothAccuracies,
        },
    };
}
