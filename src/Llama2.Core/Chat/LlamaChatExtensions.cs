using Llama2.Chat;
using Llama2.Formats;

namespace Llama2;

/// <summary>Conversations with any <see cref="ILlamaModel"/>.</summary>
public static class LlamaChatExtensions
{
    /// <summary>Begins a conversation.</summary>
    /// <param name="model">The model.</param>
    /// <param name="options">The session's options; null takes the defaults.</param>
    /// <param name="cancellationToken">
    /// Cancels the detection of the model's format, which is needed if the options name no format. The detection renders test conversations with the model's
    /// chat template.
    /// </param>
    /// <exception cref="PromptFormatException">The options name no format, and the model's format is not known.</exception>
    /// <exception cref="PromptTemplateException">The model's chat template is malformed, or uses an unknown feature.</exception>
    /// <exception cref="OperationCanceledException">The detection was cancelled.</exception>
    public static IChatSession CreateChatSession(this ILlamaModel model, ChatSessionOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        options ??= new ChatSessionOptions();
        return new ChatSession(
            model,
            options with { PromptFormat = options.PromptFormat ?? PromptFormat.Detect(model, cancellationToken) },
            options.SystemPrompt is null ? [] : [LlamaMessage.System(options.SystemPrompt)]);
    }

    /// <summary>Continues a conversation that <see cref="IChatSession.SaveAsync(Stream, CancellationToken)"/> wrote.</summary>
    /// <param name="model">The model with which the conversation was saved.</param>
    /// <param name="stream">The document, which is read to its end; the stream is not closed.</param>
    /// <param name="options">Properties that are not part of the document; null takes the defaults.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="ChatSessionException">The document is damaged, of a later version, or was saved with another model, format or adapters.</exception>
    public static async Task<IChatSession> RestoreChatSessionAsync(
        this ILlamaModel model, Stream stream, ChatSessionRestoreOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(stream);
        options ??= new ChatSessionRestoreOptions();
        ChatSessionDocument document = await ChatSessionDocument.ReadAsync(stream, model, cancellationToken).ConfigureAwait(false);
        document.CheckAdapters(options.Adapters);
        var restored = new ChatSessionOptions
        {
            PromptFormat = options.PromptFormat ?? PromptFormat.FindPreset(document.PromptFormat) ?? PromptFormat.Detect(model, cancellationToken),
            PublicSystemPrompts = options.PublicSystemPrompts,
            Tools = options.Tools,
            MaxToolCallCount = options.MaxToolCallCount,
            Generation = document.Generation with { Adapters = options.Adapters, PrefixScope = options.PrefixScope },
            SpecialTokens = document.SpecialTokens,
            TurnOrder = document.TurnOrder,
            Overflow = document.Overflow,
        };
        return restored.PromptFormat.Name == document.PromptFormat
            ? new ChatSession(model, restored, document.Messages)
            : throw new ChatSessionException(
                $"The session was saved with the prompt format '{document.PromptFormat}', and the given format is '{restored.PromptFormat.Name}': give the format with which it was saved.");
    }

    /// <summary>Continues a conversation from a file that <see cref="IChatSession.SaveAsync(string, CancellationToken)"/> wrote.</summary>
    /// <inheritdoc cref="RestoreChatSessionAsync(ILlamaModel, Stream, ChatSessionRestoreOptions?, CancellationToken)"/>
    /// <param name="model">The model with which the conversation was saved.</param>
    /// <param name="path">The file.</param>
    /// <param name="options">Properties that are not part of the document; null takes the defaults.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The process has no permission to read the file.</exception>
    public static async Task<IChatSession> RestoreChatSessionAsync(
        this ILlamaModel model, string path, ChatSessionRestoreOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        FileStream stream = RegularFile.Open(path);
        await using (stream.ConfigureAwait(false))
        {
            return await model.RestoreChatSessionAsync(stream, options, cancellationToken).ConfigureAwait(false);
        }
    }
}
