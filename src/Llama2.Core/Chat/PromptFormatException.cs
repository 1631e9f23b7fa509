namespace Llama2;

/// <summary>
/// Messages cannot be put into a prompt: their roles are in an order that the format does not have, a text holds a tag that
/// <see cref="SpecialTokenPolicy.Reject"/> refuses, or the model's format is not known.
/// </summary>
public sealed class PromptFormatException : LlamaException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">The whole message.</param>
    /// <param name="messageIndex">Which of the messages is at fault, from 0; -1 if no single one is.</param>
    /// <param name="tag">The tag or control token that is refused, if one is.</param>
    /// <param name="position">Where the tag is in the message's text, in UTF-16 characters; -1 if there is none.</param>
    public PromptFormatException(string message, int messageIndex = -1, string? tag = null, int position = -1)
        : base(message)
    {
        MessageIndex = messageIndex;
        Tag = tag;
        Position = position;
    }

    /// <summary>Which of the messages is at fault, from 0; -1 if no single one is.</summary>
    public int MessageIndex { get; }

    /// <summary>The tag or control token that is refused, or null.</summary>
    public string? Tag { get; }

    /// <summary>Where the tag is in the message's text, in UTF-16 characters; -1 if there is none. 0 if it begins in the scaffolding before.</summary>
    public int Position { get; }
}
