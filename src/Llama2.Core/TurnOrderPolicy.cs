namespace Llama2;

/// <summary>What becomes of a conversation whose roles are in an order that the prompt format does not have.</summary>
public enum TurnOrderPolicy
{
    /// <summary>
    /// It is refused with <see cref="PromptFormatException"/>, or <see cref="PromptTemplateException"/> where a chat template refuses it. Messages
    /// are put into the prompt one by one, as they are.
    /// </summary>
    Strict,

    /// <summary>
    /// It is put into an order that the format has, and no text is left out. In formats whose user and assistant take turns, the system messages
    /// that come first become one; a later one becomes part of the user's turn where it stands; neighbouring messages of a role become one, with
    /// an empty line between their texts unless there is white space already; and where a user's message is missing, an empty one stands. A chat
    /// template gets the conversation as it is, then so arranged if it refuses it or leaves text out, and then with the system message at the
    /// beginning of the first user's message. Formats that have roles in any order are given the messages as they are. A conversation without
    /// messages is one empty message of the user.
    /// </summary>
    /// <remarks>
    /// A conversation that ends with a text of the assistant is continued: the answer goes on from that text, and does not repeat it.
    /// </remarks>
    Arrange,
}
