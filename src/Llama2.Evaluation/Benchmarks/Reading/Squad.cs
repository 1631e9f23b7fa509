using System.Text.Json;
using Llama2.Evaluation.Scoring;
using Llama2.Evaluation.Tasks;

namespace Llama2.Evaluation.Benchmarks.Reading;

/// <summary>The Stanford Question Answering Dataset (Rajpurkar et al. 2016, arXiv 1606.05250; 2018, arXiv 1806.03822): answers are passages of a text.</summary>
internal static class Squad
{
    private const double Percent = 100;

    // An example's value for the metrics best_exact and best_f1 if the question has no answer: what the model answered.
    private const double UnansweredWrongly = -1, UnansweredRightly = -2;

    public static Benchmark WithAnswers { get; } = new("squad", new DatasetPart("rajpurkar/squad", null, "validation", "train"))
    {
        Version = "1",
        Description = "SQuAD 1.1: exact match and F1 of words in percent, by the official script, of the line that the model generates after title, background and question. "
            + "lm-evaluation-harness has no such task; the prompt is that of its squadv2.",
        Output = DocumentOutput.Generation,
        Define = context => Define(context) with
        {
            Metrics = [Exact("exact", _ => true), F1("f1", _ => true)],
        },
    };

    public static Benchmark WithAndWithoutAnswers { get; } = new("squadv2", new DatasetPart("rajpurkar/squad_v2", null, "validation", "train"))
    {
        Version = "3",
        Description = "SQuAD 2.0: exact match and F1 of words in percent, by the official script, of the line that the model generates; also for questions with an answer (HasAns) "
            + "and without one (NoAns), and at the best threshold of the probability of \"unanswerable\" (best). As in lm-evaluation-harness, an empty line is the only "
            + "right answer to a question without an answer, so exact and f1 are low for models that write \"unanswerable\"; compare such models by the figures named best.",
        Output = DocumentOutput.Generation,
        Define = context => Define(context) with
        {
            ScoredContinuations = [" unanswerable"],
            Metrics =
            [
                Exact("exact", _ => true), F1("f1", _ => true),
                Exact("HasAns_exact", HasAnswer), F1("HasAns_f1", HasAnswer),
                Exact("NoAns_exact", document => !HasAnswer(document)), F1("NoAns_f1", document => !HasAnswer(document)),
                Best("best_exact", SquadAnswer.Exact), Best("best_f1", SquadAnswer.F1),
            ],
        },
    };

    private static DocumentTaskDefinition Define(BenchmarkContext context) => context.Define(
        document => $"Title: {document.Text("title")}\n\nBackground: {document.Text("context")}\n\nQuestion: {document.Text("question")}\n\nAnswer:",
        document => document.Object("answers").Texts("text") is [var first, ..] ? first : "unanswerable") with
    {
        Generation = new GenerationRequest("") { StopSequences = ["\n"] },
    };

    private static DocumentMetric Exact(string name, Func<JsonElement, bool> applies) => Create(name, applies, SquadAnswer.Exact);

    private static DocumentMetric F1(string name, Func<JsonElement, bool> applies) => Create(name, applies, SquadAnswer.F1);

    private static DocumentMetric Create(string name, Func<JsonElement, bool> applies, Func<string, IReadOnlyList<string>, double> score) => new(
        new TaskMetric(name),
        outcome => applies(outcome.Document) ? new MetricSample(Percent * score(outcome.Answers[0], RightAnswers(outcome.Document))) : null);

    private static DocumentMetric Best(string name, Func<string, IReadOnlyList<string>, double> score) => new(
        new TaskMetric(name) { Aggregation = new ResampledAggregation("best_threshold", BestScore, hasError: false) },
        outcome => new MetricSample(
            HasAnswer(outcome.Document) ? score(outcome.Answers[0], RightAnswers(outcome.Document)) : outcome.Answers[0].Length > 0 ? UnansweredWrongly : UnansweredRightly,
            Math.Exp(outcome.Responses[^1].LogLikelihood)));

    private static bool HasAnswer(JsonElement document) => document.Object("answers").Items("text").Any();

    // A question without an answer is answered by the empty text.
    private static string[] RightAnswers(JsonElement document)
        => document.Object("answers").Texts("text").Where(answer => SquadAnswer.Normalize(answer).Length > 0).ToArray() is { Length: > 0 } answers ? answers : [""];

    // Starting from a model that answers no question, the questions are answered in the order of the probability that they have no answer. The weights
    // are these probabilities.
    private static double BestScore(IReadOnlyList<MetricSample> samples)
    {
        double score = samples.Count(sample => sample.Value < 0), best = score;
        foreach (MetricSample sample in samples.OrderBy(sample => sample.Weight))
        {
            score += sample.Value switch
            {
                UnansweredWrongly => -1,
                UnansweredRightly => 0,
                double right => right,
            };
            best = Math.Max(best, score);
        }

        return Percent * best / samples.Count;
    }
}
