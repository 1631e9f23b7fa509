using System.Text.Json;
using Llama2.Evaluation.Python;
using Llama2.Evaluation.Tasks;

namespace Llama2.Evaluation.Benchmarks.Reasoning;

/// <summary>CommonsenseQA (Talmor et al. 2019, arXiv 1811.00937): questions of common sense with five answers.</summary>
internal static class CommonsenseQa
{
    private static readonly string[] s_letters = ["A", "B", "C", "D", "E"];

    public static Benchmark Task { get; } = new("commonsense_qa", new DatasetPart("tau/commonsense_qa", null, "validation", "train"))
    {
        Description = "CommonsenseQA: accuracy of the letter A to E after the question and its five answers, as lm-evaluation-harness computes it. "
            + "No few-shot examples, as in the harness' file; Llama 2's paper uses 7.",
        Version = "Yaml",
        Output = DocumentOutput.MultipleChoice,
        Define = context => context.Define(Question, document => document.Text("answerKey")) with
        {
            Choices = _ => s_letters,
            Metrics = [BenchmarkMetrics.Accuracy],
        },
    };

    private static TaskValue Question(JsonElement document)
    {
        IReadOnlyList<string> choices = document.Object("choices").Texts("text");
        if (choices.Count != s_letters.Length)
            throw DocumentFields.Fault(document, $"it has {choices.Count} choices, not 5");
        return $"Question: {PythonString.Strip(document.Text("question"))}\n{string.Concat(s_letters.Zip(choices, (letter, choice) => $"{letter}. {choice}\n"))}Answer:";
    }
}
