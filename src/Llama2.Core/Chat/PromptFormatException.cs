namespace Llama2;

/// <summary>
/// Messages cannot be encoded as a prompt: the format does not support the order of their roles, a text contains a tag that
/// <see cref="SpecialTokenPolicy.Reject"/> refuses, or the model's format is not known.
/// </summary>
public sealed class PromptFormatException : LlamaException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">The whole message.</param>
    /// <param name="messageIndex">The index of the message that caused the error, counted from 0; null if no single message caused it.</param>
    /// <param name="tag">The tag or control token that is refused, or null.</param>
    /// <param name="position">The position of the tag in the message's text, in UTF-16 characters; null if there is no tag.</param>
    public PromptFormatException(string message, int? messageIndex = null, string? tag = null, int? position = null)
        : base(message)
    {
        MessageIndex = messageIndex;
        Tag = tag;
        Position = position;
    }

    /// <summary>The index of the message that caused the error, counted from 0; null if no single message caused it.</summary>
    public int? MessageIndex { get; }

    /// <summary>The tag or control token that is refused, or null.</summary>
    public string? Tag { get; }

    /// <summary>
    /// The position of the tag in the message's text, in UTF-16 characters; null if there is no tag, and 0 if the tag begins in the format's own text
    /// before the message's text.
    /// </summary>
    public int? Position { get; }
}
