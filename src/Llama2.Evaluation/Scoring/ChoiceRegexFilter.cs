using System.Text.Json;
using Llama2.Evaluation.Python;

namespace Llama2.Evaluation.Scoring;

/// <summary>
/// Finds the letter of the chosen answer, such as <c>(B)</c> (<c>multi_choice_regex</c>): by a regular expression or, if that matches nothing, by the text
/// of one of the document's <c>choices</c> or, if none occurs, by a letter after a colon.
/// </summary>
/// <param name="regex">The expression.</param>
/// <param name="index">Which of the matches is taken; negative numbers count from the last one, -1.</param>
/// <param name="fallback">The answer if nothing is found.</param>
/// <param name="simplify">Simplifies choices and answers before the choices are searched for in the answers.</param>
internal sealed class ChoiceRegexFilter(PythonRegex regex, int index, string fallback, Func<string, string> simplify) : AnswerFilter
{
    public override IReadOnlyList<string> Apply(IReadOnlyList<string> answers, JsonElement document)
    {
        string[] choices = [.. ChoicesOf(document).Select(choice => simplify(PythonString.Strip(choice)))];
        PythonRegex texts = PythonRegex.Parse(string.Join('|', choices.Select(PythonRegex.Escape)));
        PythonRegex letters = PythonRegex.Parse($":[\\s]*({string.Join('|', choices.Select((_, i) => PythonRegex.Escape(((char)('A' + i)).ToString())))})");
        return [.. answers.Select(answer => Find(answer, choices, texts, letters))];
    }

    private string Find(string answer, string[] choices, PythonRegex texts, PythonRegex letters)
    {
        if (Match(regex, answer) is { Length: > 0 } found)
            return found;
        if (Match(texts, simplify(answer)) is { Length: > 0 } choice)
            return Array.LastIndexOf(choices, choice) is int position and >= 0 ? Letter(position) : choice;
        if (Match(letters, answer) is { Length: > 0 } letter)
            return $"({letter})";
        return fallback;
    }

    private string? Match(PythonRegex expression, string answer)
        => RegexFilter.Find(expression, answer, index)?.FirstOrDefault(group => group.Length > 0) is { } group ? PythonString.Strip(group) : null;

    private static string Letter(int position) => $"({(char)('A' + position)})";

    private static IEnumerable<string> ChoicesOf(JsonElement document)
        => document.TryGetProperty("choices", out JsonElement choices) && choices.ValueKind == JsonValueKind.Array
            && choices.EnumerateArray().All(choice => choice.ValueKind == JsonValueKind.String)
            ? choices.EnumerateArray().Select(choice => choice.GetString()!)
            : throw new EvaluationDataException("The filter 'multi_choice_regex' needs documents with the field 'choices', a list of texts; this document has none.");
}
