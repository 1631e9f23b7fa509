namespace Llama2;

/// <summary>How a conversation is handled if the prompt format does not support the order of its roles.</summary>
public enum TurnOrderPolicy
{
    /// <summary>
    /// The conversation is refused with <see cref="PromptFormatException"/>, or with <see cref="PromptTemplateException"/> if a chat template refuses
    /// it. Accepted messages are put into the prompt one by one, unchanged.
    /// </summary>
    Strict,

    /// <summary>
    /// The conversation is rearranged into an order that the format supports, and no text is omitted. In formats in which user and assistant take
    /// turns, the system messages at the beginning become one message. A later system message becomes part of the user's turn at that place.
    /// Consecutive messages of the same role become one message, with an empty line between their texts unless there is white space already. An empty
    /// user's message is added where one is missing. A conversation without messages becomes one empty message of the user. Formats that accept roles
    /// in any order receive the messages unchanged. A chat template first receives the conversation unchanged. If the template refuses it or omits
    /// text, the template receives the arranged turns. If that fails too, the template receives the same turns with the system message at the beginning of the
    /// first user's message.
    /// </summary>
    /// <remarks>
    /// If a conversation ends with text of the assistant, that text is continued: the answer does not repeat it.
    /// </remarks>
    Arrange,
}
