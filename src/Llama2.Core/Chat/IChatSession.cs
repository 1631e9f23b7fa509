namespace Llama2;

/// <summary>
/// One conversation with a model. A turn changes the session only when its answer is complete: if the turn fails or is cancelled, or if its
/// enumeration is abandoned, the session is unchanged. A session runs only one turn at a time. Several sessions of one model may answer at the same
/// time, and are then computed together.
/// </summary>
/// <remarks>
/// A session holds texts only and need not be disposed. The keys and values of its messages are kept by the model as long as there is room
/// (<see cref="LlamaModelOptions.KeyValueCacheByteSize"/>), so a turn computes only its new tokens.
/// Turns are asynchronous only, like the methods of <see cref="ILlamaModel"/>. Saving is asynchronous too, because services save sessions while they
/// serve requests.
/// </remarks>
/// <example><code>
/// IChatSession session = model.CreateChatSession(new ChatSessionOptions { SystemPrompt = "Answer in one sentence." });
/// await foreach (GenerationUpdate update in session.SendAsync("Where do llamas live?"))
///     Console.Write(update.Text);
/// </code></example>
public interface IChatSession
{
    /// <summary>How the conversation is encoded.</summary>
    PromptFormat PromptFormat { get; }

    /// <summary>
    /// The conversation: a system message first, if there is one, then messages and answers. Each read returns a snapshot of the list; to edit the
    /// conversation, set another list.
    /// </summary>
    /// <exception cref="ArgumentException">The list contains null.</exception>
    /// <exception cref="InvalidOperationException">The history is set while a turn is running.</exception>
    IReadOnlyList<LlamaMessage> History { get; set; }

    /// <summary>
    /// The number of messages of the history that were omitted from the last turn's prompt, according to <see cref="ContextOverflow"/>; 0 if no
    /// message was omitted.
    /// </summary>
    int DroppedMessageCount { get; }

    /// <summary>Sends a user's message to the model.</summary>
    /// <param name="text">The user's text.</param>
    /// <param name="options">How to generate this answer; null takes <see cref="ChatSessionOptions.Generation"/>.</param>
    /// <param name="cancellationToken">Ends the turn; the session is then unchanged.</param>
    /// <returns>
    /// The answer in pieces, as <see cref="ILlamaModel.GenerateAsync(string, GenerationOptions?, CancellationToken)"/> streams them, without white
    /// space at its beginning.
    /// </returns>
    /// <exception cref="InvalidOperationException">A turn is running.</exception>
    /// <exception cref="PromptFormatException">The format does not allow the order of the messages, or refuses a text.</exception>
    /// <exception cref="ContextLengthException">The conversation leaves no room for an answer.</exception>
    IAsyncEnumerable<GenerationUpdate> SendAsync(string text, GenerationOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>
    /// Adds messages and answers the last one. With <see cref="TurnOrderPolicy.Arrange"/>, the last message is continued if it is the assistant's:
    /// the answer is the rest of its text, and the history then contains message and answer as one message. In all other respects, this method works like the
    /// overload that takes a text.
    /// </summary>
    /// <param name="messages">1 or more messages; with <see cref="TurnOrderPolicy.Arrange"/> there may be none. Copied.</param>
    /// <param name="options">How to generate this answer; null takes <see cref="ChatSessionOptions.Generation"/>.</param>
    /// <param name="cancellationToken">Ends the turn; the session is then unchanged.</param>
    IAsyncEnumerable<GenerationUpdate> SendAsync(
        IEnumerable<LlamaMessage> messages, GenerationOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>Answers the last message again. The old answer is replaced when the new one is complete.</summary>
    /// <param name="options">How to generate this answer; null takes <see cref="ChatSessionOptions.Generation"/>. Another seed gives another answer.</param>
    /// <param name="cancellationToken">Ends the turn; the session is then unchanged.</param>
    /// <exception cref="InvalidOperationException">There is no message yet, or a turn is running.</exception>
    IAsyncEnumerable<GenerationUpdate> RegenerateAsync(GenerationOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>Creates an independent session that begins with the same conversation.</summary>
    IChatSession Fork();

    /// <summary>
    /// Writes the conversation and its settings as a versioned JSON document. The conversation can be continued only with the same model, which is
    /// recognised by <see cref="LlamaModel.Fingerprint"/>.
    /// <see cref="LlamaChatExtensions.RestoreChatSessionAsync(ILlamaModel, Stream, ChatSessionRestoreOptions?, CancellationToken)"/> continues the
    /// conversation. Keys and values are not part of the document: the first turn computes them again.
    /// </summary>
    /// <param name="stream">Receives the document; the stream is not closed.</param>
    /// <param name="cancellationToken">Ends the writing.</param>
    /// <exception cref="InvalidOperationException">A turn is running.</exception>
    Task SaveAsync(Stream stream, CancellationToken cancellationToken = default);

    /// <summary>Writes the conversation to a file, as the JSON document that the other overload writes to a stream. A temporary file is written first, and
    /// replaces <paramref name="path"/> once it is complete.</summary>
    /// <param name="path">The file; replaced if it exists.</param>
    /// <param name="cancellationToken">Ends the writing; the file is then unchanged.</param>
    Task SaveAsync(string path, CancellationToken cancellationToken = default);
}
