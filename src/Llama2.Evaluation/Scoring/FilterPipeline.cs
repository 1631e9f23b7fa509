using System.Text.Json;

namespace Llama2.Evaluation.Scoring;

/// <summary>The named steps that extract the answer from generated texts. Immutable and thread-safe.</summary>
/// <param name="Name">The name in the keys of metrics.</param>
/// <param name="Filters">The steps, in their order.</param>
internal sealed record FilterPipeline(string Name, IReadOnlyList<AnswerFilter> Filters)
{
    /// <summary>Takes the first answer as it is.</summary>
    public static FilterPipeline TakeFirst { get; } = new(TaskMetric.NoFilter, [new TakeFirstFilter(1)]);

    /// <summary>Extracts the answers.</summary>
    /// <param name="answers">The answers of all repeats.</param>
    /// <param name="document">The question's document.</param>
    /// <exception cref="EvaluationDataException">A filter cannot be applied to the answers or the document.</exception>
    public IReadOnlyList<string> Apply(IReadOnlyList<string> answers, JsonElement document)
    {
        foreach (AnswerFilter filter in Filters)
            answers = filter.Apply(answers, document);
        return answers;
    }
}
