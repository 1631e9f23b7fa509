namespace TrainStoryteller.Corpus;

/// <summary>A question and its right answers.</summary>
/// <param name="Kind">The kind of the question.</param>
/// <param name="Text">The question.</param>
/// <param name="Answers">All right answers; empty for a story.</param>
/// <param name="Animal">The hero of the requested story; null for other questions.</param>
internal sealed record Question(QuestionKind Kind, string Text, IReadOnlyList<string> Answers, string? Animal = null)
{
    /// <summary>The calls that the model makes before it answers, one after the other.</summary>
    public IReadOnlyList<ToolUse> Uses { get; init; } = [];

    /// <summary>The JSON Schema that the answer fits; null for text.</summary>
    public string? Schema { get; init; }

    /// <summary>What the system message says about the answer; empty if it says nothing.</summary>
    public string Instructions { get; init; } = "";
}
