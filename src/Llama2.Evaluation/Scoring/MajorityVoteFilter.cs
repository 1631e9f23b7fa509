using System.Text.Json;

namespace Llama2.Evaluation.Scoring;

/// <summary>Takes the most frequent answer (<c>majority_vote</c>); of several, the one that occurs first.</summary>
internal sealed class MajorityVoteFilter : AnswerFilter
{
    // GroupBy keeps the order of first occurrence, and MaxBy takes the first of several maxima.
    public override IReadOnlyList<string> Apply(IReadOnlyList<string> answers, JsonElement document)
        => answers.GroupBy(answer => answer).MaxBy(group => group.Count()) is { } most ? [most.Key] : [];
}
