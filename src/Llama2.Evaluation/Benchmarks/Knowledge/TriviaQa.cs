using Llama2.Evaluation.Scoring;
using Llama2.Evaluation.Tasks;

namespace Llama2.Evaluation.Benchmarks.Knowledge;

/// <summary>TriviaQA (Joshi et al. 2017, arXiv 1705.03551): questions of quizzes, answered without a text.</summary>
internal static class TriviaQa
{
    public static Benchmark Task { get; } = new("triviaqa", new DatasetPart("mandarjoshi/trivia_qa", "rc.nocontext", "validation", "train"))
    {
        Version = "3.0",
        Description = "TriviaQA without texts: how often the generated answer, up to a line feed, full stop or comma, is one of the question's aliases, without regard to case and "
            + "punctuation, as lm-evaluation-harness computes it. No few-shot examples, as in the harness' file; the figure of Llama 2's model card uses 5.",
        Output = DocumentOutput.Generation,
        Define = context => context.Define(
            document => $"Question: {document.Text("question")}?\nAnswer:",
            document => TaskValue.Of(document.Object("answer").Texts("aliases"))) with
        {
            Generation = ShortAnswer.Generation,
            Filters = [ShortAnswer.Filter],
            Metrics = [ShortAnswer.CreateMetric(new ExactMatch { IgnoresCase = true, IgnoresPunctuation = true })],
        },
    };
}
