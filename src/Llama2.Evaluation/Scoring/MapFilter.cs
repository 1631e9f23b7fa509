using System.Text.Json;

namespace Llama2.Evaluation.Scoring;

/// <summary>Replaces answers by means of a table (<c>map</c>).</summary>
/// <param name="mapping">The replacement of each known answer.</param>
/// <param name="otherwise">The replacement of all others.</param>
internal sealed class MapFilter(IReadOnlyDictionary<string, string> mapping, string otherwise) : AnswerFilter
{
    public override IReadOnlyList<string> Apply(IReadOnlyList<string> answers, JsonElement document)
        => [.. answers.Select(answer => mapping.GetValueOrDefault(answer, otherwise))];
}
