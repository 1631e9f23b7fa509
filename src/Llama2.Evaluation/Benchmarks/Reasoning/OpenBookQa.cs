using System.Text.Json;
using Llama2.Evaluation.Tasks;

namespace Llama2.Evaluation.Benchmarks.Reasoning;

/// <summary>OpenBookQA (Mihaylov et al. 2018, arXiv 1809.02789): questions of elementary science with four answers; asked without the open book.</summary>
internal static class OpenBookQa
{
    public static Benchmark Task { get; } = new("openbookqa", new DatasetPart("allenai/openbookqa", "main", "test", "train"))
    {
        Description = "OpenBookQA: which of four texts continues the beginning of a sentence about elementary science, without the book of facts; accuracy without "
            + "and with division of the log-likelihood by the text's characters, as lm-evaluation-harness computes it.",
        Output = DocumentOutput.MultipleChoice,
        Define = context => context.Define(document => document.Text("question_stem"), Answer) with
        {
            Choices = document => document.Object("choices").Texts("text"),
            Metrics = BenchmarkMetrics.BothAccuracies,
        },
    };

    // Some keys in the data begin with a space.
    private static TaskValue Answer(JsonElement document) => document.IndexIn(document.Object("choices").Texts("label"), document.Text("answerKey").TrimStart());
}
