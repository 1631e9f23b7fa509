using Llama2.Evaluation.Tasks;

namespace Llama2.Evaluation.Benchmarks.Reading;

/// <summary>BoolQ (Clark et al. 2019, arXiv 1905.10044): questions about a passage that are answered with yes or no.</summary>
internal static class BoolQ
{
    private static readonly string[] s_answers = ["no", "yes"];

    public static Benchmark Task { get; } = new("boolq", new DatasetPart("aps/super_glue", "boolq", "validation", "train"))
    {
        Version = "2.0",
        Description = "BoolQ: accuracy of yes or no after a passage and a question, as lm-evaluation-harness computes it for SuperGLUE's form of the data.",
        Output = DocumentOutput.MultipleChoice,
        Tags = ["super-glue-lm-eval-v1"],
        Define = context => context.Define(
            document => $"{document.Text("passage")}\nQuestion: {document.Text("question")}?\nAnswer:",
            document => document.Integer("label")) with
        {
            Choices = _ => s_answers,
            Metrics = [BenchmarkMetrics.Accuracy],
        },
    };
}
