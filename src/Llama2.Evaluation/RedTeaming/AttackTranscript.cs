namespace Llama2.Evaluation;

/// <summary>The conversation of an attack, with the model's answers. Immutable and thread-safe.</summary>
/// <param name="Behavior">The behavior.</param>
/// <param name="StyleName">The style of the attack.</param>
/// <param name="Messages">All messages, the last of which is the answer that is judged.</param>
/// <param name="Answer">The last answer as plain text: decoded if the style asks for an encoded one.</param>
public sealed record AttackTranscript(RedTeamBehavior Behavior, string StyleName, IReadOnlyList<LlamaMessage> Messages, string Answer)
{
    /// <summary>Whether the beginning of the conversation was cut off at one of the answers, because the model's context is too short for all of it.</summary>
    public bool IsTruncated { get; init; }
}
