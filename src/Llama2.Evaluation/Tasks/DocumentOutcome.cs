using System.Text.Json;

namespace Llama2.Evaluation.Tasks;

/// <summary>An example of a <see cref="DocumentTask"/> with the model's responses, from which metrics are computed.</summary>
internal sealed class DocumentOutcome
{
    /// <summary>The index of a target that is not among the choices, as in lm-evaluation-harness.</summary>
    public const int NoChoice = -100;

    private double[]? _choiceLengths;

    public required JsonElement Document { get; init; }

    /// <summary>The right answer; the index of the right context for tasks whose choices are contexts.</summary>
    public required TaskValue Target { get; init; }

    /// <summary>The choices; empty if the task has none.</summary>
    public required IReadOnlyList<string> Choices { get; init; }

    /// <summary>The responses: one for each choice, then those without the context; or the answers of all repeats.</summary>
    public required IReadOnlyList<EvaluationResponse> Responses { get; init; }

    /// <summary>The text that was scored, of rolling log-likelihoods.</summary>
    public string ScoredText { get; init; } = "";

    /// <summary>The answers after the filter of the metric that is computed; of generations only.</summary>
    public IReadOnlyList<string> Answers { get; init; } = [];

    /// <summary>The indices of the right choices; <see cref="NoChoice"/> for a target that is not among the choices.</summary>
    public IReadOnlyList<int> CorrectIndices => [.. Target.Values.Select(ToIndex)];

    /// <summary>The log-likelihood of each choice.</summary>
    public ReadOnlySpan<double> LogLikelihoods => Responses.Take(Choices.Count).Select(response => response.LogLikelihood).ToArray();

    /// <summary>The lengths of the choices in Unicode characters (code points), as Python counts them.</summary>
    public ReadOnlySpan<double> ChoiceLengths => _choiceLengths ??= [.. Choices.Select(choice => (double)choice.EnumerateRunes().Count())];

    /// <summary>The outcome with the answers that a filter has extracted.</summary>
    public DocumentOutcome WithAnswers(IReadOnlyList<string> answers)
        => new() { Document = Document, Target = Target, Choices = Choices, Responses = Responses, ScoredText = ScoredText, Answers = answers };

    private int ToIndex(TaskValue value)
    {
        int index = value.Index ?? IndexOf(value.Text ?? "");
        return index >= -Choices.Count && index < Choices.Count ? index : NoChoice;
    }

    private int IndexOf(string text)
    {
        for (int i = 0; i < Choices.Count; i++)
        {
            if (Choices[i] == text)
                return i;
        }

        return NoChoice;
    }
}
