using System.Text.Json;
using Llama2.Evaluation.Python;

namespace Llama2.Evaluation.Scoring;

/// <summary>Extracts a match of a regular expression from each answer (<c>regex</c>).</summary>
/// <param name="regex">The expression.</param>
/// <param name="index">Which of the matches is taken; negative numbers count from the last one, -1.</param>
/// <param name="fallback">The answer if there is no such match.</param>
internal sealed class RegexFilter(PythonRegex regex, int index = 0, string fallback = RegexFilter.DefaultFallback) : AnswerFilter
{
    /// <summary>The answer if nothing matches, unless the task states another one.</summary>
    public const string DefaultFallback = "[invalid]";

    public override IReadOnlyList<string> Apply(IReadOnlyList<string> answers, JsonElement document)
        => [.. answers.Select(answer => Find(regex, answer, index) is { } found ? Choose(found) : fallback)];

    /// <summary>The groups of the match with an index, or the whole match if the expression has no groups; null if there is no such match.</summary>
    public static string[]? Find(PythonRegex regex, string answer, int index)
    {
        IReadOnlyList<string[]> matches = regex.FindAll(answer);
        int position = index < 0 ? matches.Count + index : index;
        return position >= 0 && position < matches.Count ? matches[position] : null;
    }

    // The first group that is not empty. With one group, an empty match is an answer.
    private string Choose(string[] groups)
        => PythonString.Strip(groups.Length == 1 ? groups[0] : groups.FirstOrDefault(group => group.Length > 0) ?? fallback);
}
