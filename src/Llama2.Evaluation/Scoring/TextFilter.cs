using System.Text.Json;

namespace Llama2.Evaluation.Scoring;

/// <summary>Changes each answer (<c>remove_whitespace</c>, <c>lowercase</c>, <c>uppercase</c>).</summary>
/// <param name="change">Changes an answer.</param>
internal sealed class TextFilter(Func<string, string> change) : AnswerFilter
{
    public override IReadOnlyList<string> Apply(IReadOnlyList<string> answers, JsonElement document) => [.. answers.Select(change)];
}
