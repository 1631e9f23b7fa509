using System.Text.RegularExpressions;
using Llama2.Evaluation.Python;
using Llama2.Evaluation.Tasks;

namespace Llama2.Evaluation.Benchmarks.Reasoning;

/// <summary>HellaSwag (Zellers et al. 2019, arXiv 1905.07830): which of four endings a described situation has.</summary>
internal static partial class HellaSwag
{
    public static Benchmark Task { get; } = new("hellaswag", new DatasetPart("Rowan/hellaswag", null, "validation", "train"))
    {
        Description = "HellaSwag: which of four endings follows; accuracy without and with division of the log-likelihood by the ending's characters (acc_norm is "
            + "the figure that is published). Texts are cleaned as lm-evaluation-harness does.",
        Output = DocumentOutput.MultipleChoice,
        Tags = ["multiple_choice"],
        Define = context => context.Define(
            document => Clean($"{document.Text("activity_label")}: {document.Text("ctx_a")} {PythonString.Capitalize(document.Text("ctx_b"))}"),
            document => document.Integer("label")) with
        {
            Choices = document => [.. document.Texts("endings").Select(Clean)],
            Metrics = BenchmarkMetrics.BothAccuracies,
        },
    };

    // The brackets are left over from WikiHow, the source of a part of the texts.
    private static string Clean(string text)
        => Brackets().Replace(PythonString.Strip(text).Replace(" [title]", ". ", StringComparison.Ordinal), "").Replace("  ", " ", StringComparison.Ordinal);

    // As in Python, a dot matches every character but a line feed.
    [GeneratedRegex(@"\[[^\n]*?\]", RegexOptions.NonBacktracking)]
    private static partial Regex Brackets();
}
