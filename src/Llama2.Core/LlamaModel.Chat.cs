namespace Llama2;

/// <content>Chat sessions.</content>
public sealed partial class LlamaModel
{
    /// <inheritdoc/>
    public IChatSession CreateChatSession(ChatSessionOptions? options = null, CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        options ??= new ChatSessionOptions();
        return new ChatSession(
            this,
            options with { PromptFormat = options.PromptFormat ?? PromptFormat.Detect(this, cancellationToken) },
            options.SystemPrompt is null ? [] : [LlamaMessage.System(options.SystemPrompt)]);
    }

    /// <inheritdoc/>
    public async Task<IChatSession> RestoreChatSessionAsync(
        Stream stream, PromptFormat? promptFormat = null, IReadOnlyList<LlamaAdapterUse>? adapters = null, string? prefixScope = null,
        IReadOnlyList<string>? publicSystemPrompts = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        GenerationOptions.CheckPrefixScope(prefixScope, nameof(prefixScope));
        publicSystemPrompts = new ChatSessionOptions { PublicSystemPrompts = publicSystemPrompts ?? [] }.PublicSystemPrompts;
        ChatSessionDocument document = await ChatSessionDocument.ReadAsync(stream, Identity, cancellationToken).ConfigureAwait(false);
        document.CheckAdapters(adapters ??= []);
        var options = new ChatSessionOptions
        {
            PromptFormat = promptFormat ?? PromptFormat.FindPreset(document.PromptFormat) ?? PromptFormat.Detect(this, cancellationToken),
            PublicSystemPrompts = publicSystemPrompts,
            Generation = document.Generation with { Adapters = adapters, PrefixScope = prefixScope },
            SpecialTokens = document.SpecialTokens,
            TurnOrder = document.TurnOrder,
            Overflow = document.Overflow,
        };
        return options.PromptFormat.Name == document.PromptFormat
            ? new ChatSession(this, options, document.Messages)
            : throw new ChatSessionException(
                $"The session was saved with the prompt format '{document.PromptFormat}', and this one is '{options.PromptFormat.Name}': give the format that it was made with.");
    }
}
