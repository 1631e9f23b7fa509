namespace Llama2;

/// <summary>What a chat session does when its conversation is longer than the model's context.</summary>
public enum ContextOverflow
{
    /// <summary>
    /// Nothing is omitted: a conversation that leaves no room for an answer is refused with <see cref="ContextLengthException"/>, and an answer that
    /// fills the context ends with <see cref="FinishReason.ContextLength"/>.
    /// </summary>
    Stop,

    /// <summary>
    /// The oldest turns are omitted from the prompt, each as a whole, until the rest leaves room for an answer; the system message is always kept.
    /// Omitted turns stay in the history. An answer that fills the context ends with <see cref="FinishReason.ContextLength"/>.
    /// </summary>
    DropOldestTurns,

    /// <summary>
    /// Like <see cref="DropOldestTurns"/>, but an answer that fills the context continues. The system message is kept as the attention sink, and the
    /// older half of the rest is dropped (Xiao et al. 2023, "Efficient Streaming Language Models with Attention Sinks"). The remaining tokens are
    /// computed again, so that the answer is exactly the continuation of these tokens.
    /// </summary>
    Shift,
}
