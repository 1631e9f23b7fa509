using Llama2.Evaluation.Python;
using Llama2.Evaluation.Scoring;
using Llama2.Evaluation.Tasks;

namespace Llama2.Evaluation.Benchmarks.Knowledge;

/// <summary>Generated answers of a few words, as lm-evaluation-harness' tasks of closed-book questions treat them.</summary>
internal static class ShortAnswer
{
    public static GenerationRequest Generation { get; } = new("") { StopSequences = ["\n", ".", ","] };

    /// <summary>Removes the white space around the answer.</summary>
    public static FilterPipeline Filter { get; } = new("remove_whitespace", [new TextFilter(PythonString.Strip), new TakeFirstFilter(1)]);

    public static DocumentMetric CreateMetric(ExactMatch match) => new(
        new TaskMetric("exact_match", Filter.Name),
        outcome => new MetricSample(match.IsMatch(outcome.Answers[0], outcome.Target.Values.Select(value => value.ToText(null))) ? 1 : 0));
}
