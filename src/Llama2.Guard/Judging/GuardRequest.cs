namespace Llama2.Guard;

/// <summary>A conversation whose last message a guard judges. Immutable and thread-safe.</summary>
public sealed record GuardRequest
{
    /// <summary>Creates a request.</summary>
    /// <param name="messages">The conversation in order; at least one message. Copied. The last message is judged.</param>
    /// <exception cref="ArgumentException">There are no messages, or one of them is null.</exception>
    public GuardRequest(IEnumerable<LlamaMessage> messages)
    {
        ArgumentNullException.ThrowIfNull(messages);
        LlamaMessage[] copy = [.. messages];
        if (copy.Length == 0 || Array.Exists(copy, message => message is null))
            throw new ArgumentException("A conversation needs at least one message, and no message may be null.", nameof(messages));
        Messages = Array.AsReadOnly(copy);
    }

    /// <summary>The conversation in order; at least one message.</summary>
    public IReadOnlyList<LlamaMessage> Messages { get; }

    /// <summary>The message that is judged: a user's message or a tool's result before a model reads it, or a model's answer before a user reads it.</summary>
    public LlamaMessage Judged => Messages[^1];

    /// <summary>Whether the judged message is still being written, so that its text may end in the middle of a word. Default false.</summary>
    public bool IsPartial { get; init; }

    /// <summary>
    /// Whether the judged text continues a longer one, whose earlier part has already been judged. The first character belongs to the earlier part: it shows
    /// whether a word begins after it, and a finding that begins with it was reported before. Nothing in the text is at the beginning of a message. Default
    /// false.
    /// </summary>
    public bool IsContinuation { get; init; }

    /// <summary>
    /// The <see cref="ComputationOptions.PrefixScope"/> in which a guard model computes: requests of one scope that begin alike, such as the windows of a streamed answer, share
    /// computations, and requests of different scopes learn nothing of each other. Null, the default, for a scope that no other request has.
    /// </summary>
    public string? PrefixScope { get; init; }

    /// <summary>Creates a request to judge one user's message without context.</summary>
    /// <param name="text">The text.</param>
    public static GuardRequest ForUser(string text) => new([LlamaMessage.User(text)]);

    /// <summary>Creates a request to judge one answer of a model without context.</summary>
    /// <param name="text">The text.</param>
    public static GuardRequest ForAssistant(string text) => new([LlamaMessage.Assistant(text)]);
}
