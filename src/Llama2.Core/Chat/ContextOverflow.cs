namespace Llama2;

/// <summary>What a chat session does when its conversation is longer than the model's context.</summary>
public enum ContextOverflow
{
    /// <summary>
    /// Nothing is left out: a conversation that leaves no room for an answer is refused with <see cref="ContextLengthException"/>, and an
    /// answer that fills the context ends with <see cref="FinishReason.ContextLength"/>.
    /// </summary>
    Stop,

    /// <summary>
    /// The oldest turns are left out of the prompt, whole, until the rest leaves room for an answer; the system message never is. They stay in
    /// the history. An answer that fills the context ends with <see cref="FinishReason.ContextLength"/>.
    /// </summary>
    DropOldestTurns,

    /// <summary>
    /// As <see cref="DropOldestTurns"/>, and an answer goes on beyond the context: the system message stays as the attention sink, the older
    /// half of the rest is forgotten (Xiao et al. 2023, "Efficient Streaming Language Models with Attention Sinks"), and what is kept is
    /// computed again, so that the answer is exactly the one that follows from it.
    /// </summary>
    Shift,
}
