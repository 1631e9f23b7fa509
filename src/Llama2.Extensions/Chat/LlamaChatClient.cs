using System.Runtime.CompilerServices;
using System.Text;
using Llama2.Extensions.Chat;
using Llama2.Extensions.Telemetry;
using Microsoft.Extensions.AI;

namespace Llama2.Extensions;

/// <summary>
/// A chat client of Microsoft.Extensions.AI that answers with a model. It has no state except the conversations that callers ask it to keep. It is
/// thread-safe: concurrent requests are computed together. The caller keeps ownership of the model: disposing the client does not dispose the model.
/// </summary>
/// <remarks>
/// <para>
/// The following properties of <see cref="ChatOptions"/> are supported: Instructions, Temperature, TopP, TopK, MaxOutputTokens, FrequencyPenalty,
/// PresencePenalty, Seed, StopSequences, ModelId, ConversationId, RawRepresentationFactory and AdditionalProperties. Instructions come before all system
/// messages. If MaxOutputTokens is null, only the context limits the length. StopSequences are added to those of the prompt format. The id of another model is
/// refused. RawRepresentationFactory returns a <see cref="GenerationOptions"/>, whose values apply where the other properties are not set. The keys of
/// AdditionalProperties are names of properties of <see cref="GenerationOptions"/>, such as <c>MinP</c> or <c>min_p</c>. The value of <c>adapters</c>
/// may be names of <see cref="LlamaChatClientOptions.Adapters"/>, such as <c>"poems"</c>, or <c>"poems=0.5"</c> with a scale. The value of
/// <c>grammar</c> is a constraint in GBNF. The caller's options are never changed.
/// </para>
/// <para>
/// Tools, ToolMode and AllowMultipleToolCalls are supported for functions: <see cref="AIFunction"/>, and <see cref="AIFunctionDeclaration"/>, which
/// has no implementation. Any other tool causes a <see cref="NotSupportedException"/>. The client does not execute calls;
/// <c>UseFunctionInvocation()</c> does. Each call is reported as one whole <see cref="FunctionCallContent"/> with an id of its own, and the finish
/// reason is ToolCalls. With any model, the arguments of a call fit the schema of the function's parameters. If ToolMode requires a call, the answer
/// has one even if the model would otherwise write text. An answer has at most one call, or at most 16 if AllowMultipleToolCalls is true. With a
/// ResponseFormat of JSON, an answer consists either of calls or of JSON. See docs/tools.md.
/// </para>
/// <para>
/// With a ResponseFormat of JSON, the whole answer is one JSON value, without any text before or after it. If the format has a schema, the value fits
/// the schema. This holds for every model and with all other options, even if MaxOutputTokens ends the answer; see <see cref="OutputConstraint"/>.
/// The format is also described to the model in the system message, unless <see cref="LlamaChatClientOptions.DescribeResponseFormat"/> is false. A
/// schema that cannot be enforced, and a MaxOutputTokens that is too low for any answer, cause an <see cref="OutputConstraintException"/> before the
/// first update. Stop sequences never end JSON before it is complete. The client keeps the compiled constraints of the most recently used schemas.
/// </para>
/// <para>
/// With a ConversationId, which the caller chooses, a request contains only the messages that are new in the conversation. A new id begins a
/// conversation, and each complete answer is added to it. A request that fails or is cancelled leaves the conversation unchanged, also if it is
/// cancelled when the last update has been read but the enumeration has not ended. Instructions are not kept. A request for a conversation that was
/// dropped to make room for others throws <see cref="ConversationDroppedException"/>. A request for a conversation that another request is using
/// throws <see cref="InvalidOperationException"/>. A conversation belongs to the <see cref="ComputationOptions.PrefixScope"/> of the request that
/// began it; the same id in another scope is another conversation.
/// </para>
/// <para>
/// Of a message's contents, only texts and the calls and results of functions are read. Contents that do not belong in a prompt (usage, reasoning,
/// errors, provider-specific contents) are omitted, and so are messages without other content. Images and files cause a
/// <see cref="NotSupportedException"/>. The role developer is treated as system. A history whose roles are in an order that the prompt format does
/// not support is handled according to <see cref="LlamaChatClientOptions.TurnOrder"/>; by default it is rearranged. If it is rearranged and its last
/// message is the assistant's, the answer continues that message.
/// </para>
/// <para>
/// The RawRepresentation of each update is its <see cref="GenerationUpdate"/>, with the token and its log-probabilities; the RawRepresentation of a
/// whole response is the <see cref="GenerationResult"/>.
/// </para>
/// </remarks>
/// <example><code>
/// using LlamaModel model = LlamaModel.Load("llama-2-7b-chat.Q4_K_M.gguf");
/// using IChatClient client = new LlamaChatClient(model);
/// Console.WriteLine(await client.GetResponseAsync("Where do llamas live?"));
/// </code></example>
public sealed class LlamaChatClient : IChatClient
{
    private readonly ILlamaModel _model;
    private readonly ChatSessionOptions _sessionOptions;
    private readonly string? _prefixScope;
    private readonly string[] _names;
    private readonly ChatClientMetadata _metadata;
    private readonly ConversationStore _conversations;
    private readonly AdapterSelection _adapters;
    private readonly ConstraintCache _constraints = new();
    private readonly bool _describesResponseFormat;
    private readonly LlamaMetrics _metrics;
    private readonly TimeProvider _timeProvider;
    private volatile bool _isDisposed;

    /// <summary>Creates a client.</summary>
    /// <param name="model">The model.</param>
    /// <param name="options">The client's options; null for the defaults.</param>
    /// <exception cref="PromptFormatException">The options have no prompt format, and the model's prompt format is not known.</exception>
    /// <exception cref="PromptTemplateException">
    /// The options have no prompt format, and the model's chat template is malformed or uses an unknown feature.
    /// </exception>
    public LlamaChatClient(ILlamaModel model, LlamaChatClientOptions? options = null)
        : this(model, options ?? new LlamaChatClientOptions(), LlamaMetrics.Shared, TimeProvider.System, CancellationToken.None)
    {
    }

    internal LlamaChatClient(ILlamaModel model, LlamaChatClientOptions options, LlamaMetrics metrics, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(model);
        _model = model;
        _sessionOptions = new ChatSessionOptions
        {
            PromptFormat = options.PromptFormat ?? model.CreateChatSession(cancellationToken: cancellationToken).PromptFormat,
            SpecialTokens = options.SpecialTokens,
            TurnOrder = options.TurnOrder,
            Overflow = options.Overflow,
            PublicSystemPrompts = options.PublicSystemPrompts,
        };
        _prefixScope = options.PrefixScope;
        _names = ModelNames.All(options.ModelId, model);
        _metadata = new ChatClientMetadata(LlamaTelemetry.ProviderName, LlamaTelemetry.ProviderUri, _names[0]);
        _conversations = new ConversationStore(options.MaxConversationCount, options.MaxConversationLength);
        _adapters = new AdapterSelection(options.Adapters);
        _describesResponseFormat = options.DescribeResponseFormat;
        _metrics = metrics;
        _timeProvider = timeProvider;
    }

    /// <inheritdoc/>
    public Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        CollectAsync(GetStreamingResponseAsync(messages, options, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    /// <exception cref="NotSupportedException">Messages or options request an unsupported feature.</exception>
    /// <exception cref="ArgumentException">An option's value is out of range, or there are no messages.</exception>
    /// <exception cref="LlamaException">
    /// The request cannot be answered; see <see cref="IChatSession.SendAsync(IEnumerable{LlamaMessage}, GenerationOptions?, CancellationToken)"/>.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The client or its model is disposed.</exception>
    public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        return MeasureAsync(messages, options, cancellationToken);
    }

    /// <summary>Finds the client's <see cref="ChatClientMetadata"/>, its model, tokenizer and prompt format, and the client itself.</summary>
    /// <param name="serviceType">The requested type.</param>
    /// <param name="serviceKey">Null; the client has no keyed services, so any other key finds nothing.</param>
    /// <returns>The service, or null.</returns>
    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is null ? Array.Find<object>([this, _metadata, _model, _model.Tokenizer, _sessionOptions.PromptFormat!], serviceType.IsInstanceOfType) : null;
    }

    /// <summary>Ends the client: later requests throw <see cref="ObjectDisposedException"/>. The model is not disposed.</summary>
    public void Dispose() => _isDisposed = true;

    /// <summary>
    /// Counts the tokens of the prompt that the model would read for a request: it is made as for an answer, with tools and the description of the answer's format.
    /// A prompt that is longer than the context is counted too.
    /// </summary>
    /// <param name="messages">The request's messages.</param>
    /// <param name="options">The request's options, without a conversation; null for none.</param>
    /// <param name="cancellationToken">Ends the rendering of a chat template.</param>
    internal async Task<int> CountPromptTokensAsync(IEnumerable<ChatMessage> messages, ChatOptions? options, CancellationToken cancellationToken)
    {
        RequestedTools? tools = RequestedTools.Read(options, _sessionOptions.PromptFormat!.ToolFormat);
        GenerationOptions generation = ChatRequestOptions.Read(options, this, _adapters, _constraints, tools);
        var counter = new PromptCounter(_model);
        IChatSession session = counter.CreateChatSession(SessionOf(tools), cancellationToken);
        await foreach (GenerationUpdate _ in session.SendAsync(PromptOf(ChatMessages.Read(messages), options), generation, cancellationToken).ConfigureAwait(false))
        {
        }

        return counter.TokenCount;
    }

    private static async Task<ChatResponse> CollectAsync(IAsyncEnumerable<ChatResponseUpdate> updates, CancellationToken cancellationToken)
    {
        List<ChatResponseUpdate> collected = [];
        await foreach (ChatResponseUpdate update in updates.WithCancellation(cancellationToken).ConfigureAwait(false))
            collected.Add(update);

        ChatResponse response = collected.ToChatResponse();
        if (collected is [.., { RawRepresentation: GenerationUpdate { FinishReason: { } reason, Usage: { } usage } }])
            response.RawRepresentation = new GenerationResult(response.Text, reason, usage);
        return response;
    }

    private async IAsyncEnumerable<ChatResponseUpdate> MeasureAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using RequestMeasurement request = _metrics.StartRequest("chat", _names[0]);
        await using IAsyncEnumerator<ChatResponseUpdate> updates =
            OpenAsync(messages, options, request, cancellationToken).GetAsyncEnumerator(cancellationToken);
        while (await request.WatchAsync(updates.MoveNextAsync()).ConfigureAwait(false))
            yield return updates.Current;
    }

    private async IAsyncEnumerable<ChatResponseUpdate> OpenAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options, RequestMeasurement request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ModelNames.Check(options?.ModelId, _names, nameof(ChatOptions));
        RequestedTools? tools = RequestedTools.Read(options, _sessionOptions.PromptFormat!.ToolFormat);
        GenerationOptions generation = ChatRequestOptions.Read(options, this, _adapters, _constraints, tools);
        generation = generation with { PrefixScope = generation.PrefixScope ?? _prefixScope };
        request.SetOptions(generation);
        using OpenConversation? conversation = options?.ConversationId is { } id ? new(_conversations, _conversations.Open(id, generation.PrefixScope), cancellationToken) : null;
        List<LlamaMessage> history = [.. conversation?.Messages ?? [], .. ChatMessages.Read(messages, conversation?.Messages)];
        var answer = new StringBuilder();
        List<LlamaToolCall> calls = [];
        await foreach (ChatResponseUpdate update in AnswerAsync(SessionOf(tools), PromptOf(history, options), generation, answer, calls, request, cancellationToken).ConfigureAwait(false))
        {
            update.ConversationId = conversation?.Id;
            if (conversation is not null && update.FinishReason is not null)
                conversation.Answered = ChatMessages.WithAnswer(history, LlamaMessage.Assistant(answer.ToString(), calls), _sessionOptions.TurnOrder);
            yield return update;
        }
    }

    private IReadOnlyList<LlamaMessage> PromptOf(IReadOnlyList<LlamaMessage> history, ChatOptions? options) =>
        ChatMessages.Arrange(options?.Instructions, history, _describesResponseFormat ? ResponseFormats.Describe(options?.ResponseFormat) : null);

    private ChatSessionOptions SessionOf(RequestedTools? tools) =>
        tools is null ? _sessionOptions : _sessionOptions with { Tools = tools.All, MaxToolCallCount = tools.MaxCount };

    private async IAsyncEnumerable<ChatResponseUpdate> AnswerAsync(
        ChatSessionOptions options, IReadOnlyList<LlamaMessage> prompt, GenerationOptions generation, StringBuilder answer, List<LlamaToolCall> calls, RequestMeasurement request,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string responseId = Guid.NewGuid().ToString("N");
        string messageId = Guid.NewGuid().ToString("N");
        DateTimeOffset createdAt = _timeProvider.GetUtcNow();
        bool continues = options.TurnOrder == TurnOrderPolicy.Arrange
            && prompt is [.., { Role: LlamaRole.Assistant } open] && !string.IsNullOrWhiteSpace(open.Content);

        // Each request has a session of its own, so that requests share only the model. If prompts of one scope begin with the same tokens, the model
        // computes these tokens only once.
        IChatSession session = MeasuredModel.For(_model).CreateChatSession(options, cancellationToken);
        await foreach (GenerationUpdate update in session.SendAsync(prompt, generation, cancellationToken).ConfigureAwait(false))
        {
            request.Count(update);
            answer.Append(update.Text);
            LlamaToolCall[] called = [.. (update.ToolCalls ?? []).Select(ToolMessages.WithId)];
            calls.AddRange(called);
            List<AIContent> contents = update.Text.Length == 0 ? [] : [continues ? ChatMessages.Continuation(update.Text) : new TextContent(update.Text)];
            contents.AddRange(called.Select(ToolMessages.ToContent));
            if (contents.Count == 0 && update is { LogProbability: null, FinishReason: null })
                continue;

            continues = continues && update.Text.Length == 0;
            var result = new ChatResponseUpdate(ChatRole.Assistant, contents)
            {
                ResponseId = responseId,
                MessageId = messageId,
                ModelId = _names[0],
                CreatedAt = createdAt,
                RawRepresentation = update,
            };
            if (update is { FinishReason: { } reason, Usage: { } usage })
            {
                ChatFinishReason finishReason = reason is FinishReason.MaxTokens or FinishReason.ContextLength ? ChatFinishReason.Length
                    : calls.Count > 0 ? ChatFinishReason.ToolCalls
                    : ChatFinishReason.Stop;
                request.Complete(usage, finishReason.Value);
                result.FinishReason = finishReason;
                result.Contents.Add(new UsageContent(ToDetails(usage)));
            }

            yield return result;
        }
    }

    private static UsageDetails ToDetails(GenerationUsage usage) => new()
    {
        InputTokenCount = usage.PromptTokenCount,
        OutputTokenCount = usage.GeneratedTokenCount,
        TotalTokenCount = usage.PromptTokenCount + usage.GeneratedTokenCount,
        CachedInputTokenCount = usage.CachedTokenCount,
        AdditionalCounts = usage.DraftTokenCount == 0 ? null : new()
        {
            [nameof(GenerationUsage.DraftTokenCount)] = usage.DraftTokenCount,
            [nameof(GenerationUsage.AcceptedDraftTokenCount)] = usage.AcceptedDraftTokenCount,
        },
    };
}
