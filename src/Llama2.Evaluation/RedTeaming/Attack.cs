namespace Llama2.Evaluation;

/// <summary>
/// The conversation by which a behavior is requested: the user's messages, between which the model answers. Its last answer is judged. Immutable and
/// thread-safe.
/// </summary>
/// <param name="UserTurns">The user's messages, one or more.</param>
public sealed record Attack(IReadOnlyList<string> UserTurns)
{
    /// <summary>Messages before the user's first turn, such as few-shot examples; default none.</summary>
    public IReadOnlyList<LlamaMessage> History { get; init; } = [];

    /// <summary>The beginning of the model's last answer, which the attacker writes; empty (the default) for none.</summary>
    public string AnswerPrefix { get; init; } = "";
}
