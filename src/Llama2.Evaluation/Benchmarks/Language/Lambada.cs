using System.Text.Json;
using Llama2.Evaluation.Tasks;

namespace Llama2.Evaluation.Benchmarks.Language;

/// <summary>LAMBADA (Paperno et al. 2016, arXiv 1606.06031): the last word of a passage, which only the whole passage makes predictable.</summary>
internal static class Lambada
{
    public static Benchmark OpenAi { get; } = Create("lambada_openai", new DatasetPart("EleutherAI/lambada_openai", "default", "test"), "in the form that OpenAI prepared for GPT-2");

    public static Benchmark Standard { get; } = Create("lambada_standard", new DatasetPart("cimec/lambada", null, "test", "validation"), "in its original form, lower-case and split into words");

    public static BenchmarkGroup Group { get; } = new(
        new EvaluationTaskGroup("lambada", [OpenAi.Name, Standard.Name]), "Both forms of LAMBADA, without a common figure.");

    private static Benchmark Create(string name, DatasetPart data, string form) => new(name, data)
    {
        Description = $"LAMBADA {form}: perplexity of the last word of a passage, and how often greedy decoding generates it, as lm-evaluation-harness computes both.",
        Output = DocumentOutput.LogLikelihood,
        Tags = ["lambada"],
        Define = context => context.Define(document => Split(document).Beginning, document => Split(document).LastWord) with
        {
            Metrics = [BenchmarkMetrics.Perplexity, BenchmarkMetrics.GreedyAccuracy],
        },
    };

    private static (string Beginning, string LastWord) Split(JsonElement document)
    {
        string text = document.Text("text");
        int space = text.LastIndexOf(' ');
        return space < 0 ? ("", $" {text}") : (text[..space], text[space..]);
    }
}
