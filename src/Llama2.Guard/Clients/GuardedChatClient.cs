using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Llama2.Guard.Clients;
using Microsoft.Extensions.AI;

namespace Llama2.Guard;

/// <summary>
/// A chat client that shows nothing before a guard has judged it: the request before the model reads it, and the answer before the caller receives it, even if
/// it is streamed. Thread-safe, if the inner client and the guard are.
/// </summary>
/// <remarks>
/// <para>
/// A streamed answer is judged in windows, each together with the text before it, while the model continues to generate. Updates are held back until a window
/// with all of their text was found safe. Reasoning, calls of functions, their results and errors are judged as well. If a guard finds something to mask, the
/// text is replaced; masks in contents other than text make the message unsafe.
/// </para>
/// <para>
/// What is withheld is replaced by <see cref="GuardOptions.Refusal"/> with the finish reason <see cref="ChatFinishReason.ContentFilter"/>, and <see
/// cref="GuardProperties"/> state the reason. The generation is cancelled. A request that was withheld does not reach the model. An answer that was withheld
/// does not become a part of a conversation that the inner client stores, if the client leaves it unchanged when it is cancelled, as <c>LlamaChatClient</c>
/// does; the refusal has the ConversationId of the request.
/// </para>
/// <para>
/// If the guard fails, the message is withheld, unless <see cref="GuardOptions.FailOpen"/> is set. A fault of the inner client reaches the caller; the text that was not judged by then does not.
/// </para>
/// </remarks>
/// <example><code>
/// IChatClient client = new LlamaChatClient(model).AsBuilder().UseGuard(new RuleGuard()).Build();
/// </code></example>
public sealed class GuardedChatClient : DelegatingChatClient
{
    private readonly IContentGuard _guard;
    private readonly GuardOptions _options;

    /// <summary>Creates a client.</summary>
    /// <param name="innerClient">The client that answers. Disposed with this client.</param>
    /// <param name="guard">The guard, which stays the caller's.</param>
    /// <param name="options">How to guard; null for the defaults.</param>
    public GuardedChatClient(IChatClient innerClient, IContentGuard guard, GuardOptions? options = null)
        : base(innerClient)
    {
        ArgumentNullException.ThrowIfNull(guard);
        _options = options ?? new GuardOptions();
        _guard = guard;
    }

    /// <inheritdoc/>
    public override async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);

        // A conversation that the inner client stores gets the answer at the end of a whole response, so such an answer is streamed and judged before its end.
        if (options?.ConversationId is not null && _options.JudgeOutput)
            return await CollectAsync(messages, options, cancellationToken).ConfigureAwait(false);
        var guard = new TimedGuard(_guard, _options);
        JudgedInput input = await InputJudge.JudgeAsync(guard, [.. messages], _options, cancellationToken).ConfigureAwait(false);
        if (input.Refusal is { } refusal)
            return refusal.ToResponse(_options, options?.ConversationId);
        ChatResponse response = await base.GetResponseAsync(input.Messages, options, cancellationToken).ConfigureAwait(false);
        return await new WholeAnswer(guard, input, _options).JudgeAsync(response, options?.ConversationId, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        var guard = new TimedGuard(_guard, _options);
        JudgedInput input = await InputJudge.JudgeAsync(guard, [.. messages], _options, cancellationToken).ConfigureAwait(false);
        if (input.Refusal is { } refusal)
        {
            yield return refusal.ToUpdate(_options, options?.ConversationId);
            yield break;
        }

        if (!_options.JudgeOutput)
        {
            await foreach (ChatResponseUpdate update in base.GetStreamingResponseAsync(input.Messages, options, cancellationToken).ConfigureAwait(false))
                yield return input.Mark(update);
            yield break;
        }

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var judgedEnds = new SemaphoreSlim(0);
        var updates = Channel.CreateBounded<ChatResponseUpdate>(new BoundedChannelOptions(_options.MaxBufferedUpdateCount) { SingleReader = true, SingleWriter = true });
        Task generating = GenerateAsync(input.Messages, options, updates.Writer, judgedEnds, stop.Token);
        try
        {
            var answer = new HeldAnswer(guard, input.Conversation, _options);
            for (bool isEnd = false; !isEnd;)
            {
                bool hasFinished = false;
                GuardOutcome? withheld = null;
                while (!answer.IsDue && !hasFinished && withheld is null && !isEnd)
                {
                    if (updates.Reader.TryRead(out ChatResponseUpdate? update))
                    {
                        withheld = answer.Add(update);
                        hasFinished = update.FinishReason is not null;
                    }
                    else
                    {
                        isEnd = !await updates.Reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false);
                    }
                }

                withheld ??= await answer.JudgeAsync(isComplete: hasFinished || isEnd, isEnd, cancellationToken).ConfigureAwait(false);
                if (withheld is not null)
                {
                    await stop.CancelAsync().ConfigureAwait(false);
                    yield return new Refusal(Refusal.Output, withheld).ToUpdate(_options, options?.ConversationId);
                    yield break;
                }

                if (hasFinished)
                    judgedEnds.Release();
                foreach (ChatResponseUpdate shown in answer.Release(input.FailedOpen))
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    yield return shown;
                }
            }
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await generating.ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public override object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is null && serviceType.IsInstanceOfType(_guard) ? _guard : base.GetService(serviceType, serviceKey);
    }

    // Reads the inner client's updates while others are judged. After an update with a finish reason it waits until everything was judged: when it asks for the next update, the inner
    // client may store the answer. Never throws: an exception ends the channel.
    private async Task GenerateAsync(
        IReadOnlyList<ChatMessage> messages, ChatOptions? options, ChannelWriter<ChatResponseUpdate> writer, SemaphoreSlim judgedEnds, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (ChatResponseUpdate update in base.GetStreamingResponseAsync(messages, options, cancellationToken).ConfigureAwait(false))
            {
                await writer.WriteAsync(update, cancellationToken).ConfigureAwait(false);
                if (update.FinishReason is not null)
                    await judgedEnds.WaitAsync(cancellationToken).ConfigureAwait(false);
            }

            writer.Complete();
        }
        catch (Exception exception)
        {
            writer.Complete(exception);
        }
    }

    // A whole answer that is withheld has no text before the refusal.
    private async Task<ChatResponse> CollectAsync(IEnumerable<ChatMessage> messages, ChatOptions options, CancellationToken cancellationToken)
    {
        List<ChatResponseUpdate> updates = [];
        await foreach (ChatResponseUpdate update in GetStreamingResponseAsync(messages, options, cancellationToken).ConfigureAwait(false))
            updates.Add(update);
        bool isWithheld = updates is [.., var last] && last.AdditionalProperties?.ContainsKey(GuardProperties.Stage) == true;
        return (isWithheld ? updates.TakeLast(1) : updates).ToChatResponse();
    }
}
