using Llama2.Evaluation.Tasks;

namespace Llama2.Evaluation.Benchmarks.Reasoning;

/// <summary>Social IQa (Sap et al. 2019, arXiv 1904.09728): questions about people's motives and reactions, with three answers.</summary>
internal static class SocialIqa
{
    public static Benchmark Task { get; } = new("social_iqa", new DatasetPart("lighteval/siqa", null, "validation", "train"))
    {
        Version = "0.0",
        Description = "Social IQa: accuracy of the answer's text after a situation and a question about people's motives and reactions, as lm-evaluation-harness "
            + "computes it. The harness' file is siqa.yaml.",
        Output = DocumentOutput.MultipleChoice,
        Define = context => context.Define(document => $"Q: {document.Text("context")} {document.Text("question")}\nA:", document => document.Integer("label") - 1) with
        {
            Choices = document => [document.Text("answerA"), document.Text("answerB"), document.Text("answerC")],
            Metrics = [BenchmarkMetrics.Accuracy],
        },
    };
}
