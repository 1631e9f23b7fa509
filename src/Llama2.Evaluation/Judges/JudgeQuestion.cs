namespace Llama2.Evaluation;

/// <summary>An answer to be judged, with its question and other texts that the judge needs. All texts are data. Immutable and thread-safe.</summary>
/// <param name="Question">The question.</param>
/// <param name="Answer">The answer that is judged.</param>
public sealed record JudgeQuestion(string Question, string Answer)
{
    /// <summary>The text that must support the answer; null if there is none.</summary>
    public string? Context { get; init; }

    /// <summary>An answer that is known to be right; null if there is none.</summary>
    public string? Reference { get; init; }
}
