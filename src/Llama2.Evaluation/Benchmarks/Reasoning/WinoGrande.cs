using System.Text.Json;
using Llama2.Evaluation.Python;
using Llama2.Evaluation.Tasks;

namespace Llama2.Evaluation.Benchmarks.Reasoning;

/// <summary>WinoGrande (Sakaguchi et al. 2019, arXiv 1907.10641): which of two words fills a gap, so that the sentence makes sense.</summary>
internal static class WinoGrande
{
    public static Benchmark Task { get; } = new("winogrande", new DatasetPart("allenai/winogrande", "winogrande_xl", "validation", "train"))
    {
        Description = "WinoGrande: which of two words in the gap makes the rest of the sentence likelier (partial scoring of Trinh and Le 2018, arXiv 1806.02847); "
            + "accuracy as lm-evaluation-harness computes it.",
        Output = DocumentOutput.MultipleChoice,
        Define = context => context.Define(Answer, document => PythonString.Strip(document.Text("sentence")[(Gap(document) + 1)..])) with
        {
            ChoicesAreContexts = true,
            Choices = document => [Beginning(document) + document.Text("option1"), Beginning(document) + document.Text("option2")],
            Metrics = [BenchmarkMetrics.Accuracy],
        },
    };

    private static TaskValue Answer(JsonElement document) => document.Text("answer") switch
    {
        "1" => 0,
        "2" => 1,
        var other => throw DocumentFields.Fault(document, $"the answer is '{other}', not 1 or 2"),
    };

    private static string Beginning(JsonElement document) => document.Text("sentence")[..Gap(document)];

    private static int Gap(JsonElement document) => document.Text("sentence").IndexOf('_', StringComparison.Ordinal) is >= 0 and var index
        ? index
        : throw DocumentFields.Fault(document, "the sentence has no gap '_'");
}
