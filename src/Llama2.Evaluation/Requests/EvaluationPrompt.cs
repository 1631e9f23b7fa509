namespace Llama2.Evaluation;

/// <summary>
/// A prompt: a text that the model continues, or a conversation that it answers in its prompt format. Immutable and thread-safe; compared by value.
/// </summary>
public sealed record EvaluationPrompt
{
    /// <summary>Initializes a prompt that the model continues as plain text.</summary>
    /// <param name="text">The text, which may be empty.</param>
    public EvaluationPrompt(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        Text = text;
    }

    /// <summary>Initializes a prompt that is a conversation.</summary>
    /// <param name="messages">One or more messages, the last of which is the user's.</param>
    /// <param name="answerPrefix">The beginning of the assistant's answer; empty (the default) for none.</param>
    public EvaluationPrompt(IReadOnlyList<LlamaMessage> messages, string answerPrefix = "")
    {
        ArgumentNullException.ThrowIfNull(messages);
        ArgumentNullException.ThrowIfNull(answerPrefix);
        if (messages.Count == 0)
            throw new ArgumentException("A conversation needs at least one message.", nameof(messages));
        Messages = messages;
        Text = answerPrefix;
    }

    /// <summary>The conversation; null for a plain text.</summary>
    public IReadOnlyList<LlamaMessage>? Messages { get; }

    /// <summary>The text, or the beginning of the answer to a conversation.</summary>
    public string Text { get; }

    /// <summary>Converts a text into a prompt.</summary>
    /// <param name="text">The text.</param>
    public static implicit operator EvaluationPrompt(string text) => new(text);

    /// <summary>Returns the text, or the last message of a conversation.</summary>
    public override string ToString() => Messages is null ? Text : Messages[^1].ToString() + Text;

    /// <inheritdoc/>
    public bool Equals(EvaluationPrompt? other)
        => other is not null && Text == other.Text && (Messages is null ? other.Messages is null : other.Messages is not null && Messages.SequenceEqual(other.Messages));

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Text, Messages?.Count);
}
