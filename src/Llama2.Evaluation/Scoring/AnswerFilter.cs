using System.Text.Json;

namespace Llama2.Evaluation.Scoring;

/// <summary>A step that extracts the answer from generated texts, as lm-evaluation-harness' filters do. Immutable and thread-safe.</summary>
internal abstract class AnswerFilter
{
    /// <summary>Changes or chooses the answers to one question.</summary>
    /// <param name="answers">The answers of all repeats, or those that the step before has left.</param>
    /// <param name="document">The question's document.</param>
    public abstract IReadOnlyList<string> Apply(IReadOnlyList<string> answers, JsonElement document);
}
