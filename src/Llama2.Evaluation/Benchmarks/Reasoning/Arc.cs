using System.Text.Json;
using Llama2.Evaluation.Tasks;

namespace Llama2.Evaluation.Benchmarks.Reasoning;

/// <summary>The AI2 Reasoning Challenge (Clark et al. 2018, arXiv 1803.05457): questions of science for schools, with usually four answers.</summary>
internal static class Arc
{
    public static Benchmark Easy { get; } = Create("arc_easy", "ARC-Easy", "the easy questions");

    public static Benchmark Challenge { get; } = Create("arc_challenge", "ARC-Challenge", "the questions that simple programs answer wrongly");

    public static BenchmarkGroup Group { get; } = new(
        new EvaluationTaskGroup("ai2_arc", [Easy.Name, Challenge.Name]), "Both sets of questions of the AI2 Reasoning Challenge, without a common figure.");

    private static Benchmark Create(string name, string datasetName, string questions) => new(name, new DatasetPart("allenai/ai2_arc", datasetName, "test", "train"))
    {
        Description = $"AI2 Reasoning Challenge, {questions}: accuracy of the answer's text after the question, without and with division of the log-likelihood by "
            + "its characters, as lm-evaluation-harness computes it.",
        Output = DocumentOutput.MultipleChoice,
        Tags = ["ai2_arc"],
        Define = context => context.Define(document => $"Question: {document.Text("question")}\nAnswer:", Answer) with
        {
            Choices = document => document.Object("choices").Texts("text"),
            Metrics = BenchmarkMetrics.BothAccuracies,
        },
    };

    private static TaskValue Answer(JsonElement document) => document.IndexIn(document.Object("choices").Texts("label"), document.Text("answerKey"));
}
