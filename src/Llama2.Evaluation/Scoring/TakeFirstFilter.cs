using System.Text.Json;

namespace Llama2.Evaluation.Scoring;

/// <summary>Takes the first answers (<c>take_first</c>, <c>take_first_k</c>).</summary>
/// <param name="count">The number of answers, 1 or more.</param>
internal sealed class TakeFirstFilter(int count) : AnswerFilter
{
    public override IReadOnlyList<string> Apply(IReadOnlyList<string> answers, JsonElement document) => [.. answers.Take(count)];
}
