using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace Llama2.Guard.Tests.Clients;

/// <summary>A chat client whose updates the test chooses. Records the requests, and how its streams end.</summary>
/// <param name="answer">The updates for the messages of a request.</param>
internal sealed class ScriptedClient(Func<IReadOnlyList<ChatMessage>, IEnumerable<ChatResponseUpdate>> answer) : IChatClient
{
    private readonly List<IReadOnlyList<ChatMessage>> _requests = [];
    private int _openCount;
    private int _sentCount;
    private int _cancelledCount;

    public ScriptedClient(params IEnumerable<string> texts)
        : this(_ => [.. texts.Select(text => new ChatResponseUpdate(ChatRole.Assistant, text)), new ChatResponseUpdate(ChatRole.Assistant, "") { FinishReason = ChatFinishReason.Stop }])
    {
    }

    public IReadOnlyList<IReadOnlyList<ChatMessage>> Requests
    {
        get
        {
            lock (_requests)
                return [.. _requests];
        }
    }

    /// <summary>The number of streams that were begun and not yet ended.</summary>
    public int OpenCount => Volatile.Read(ref _openCount);

    /// <summary>The number of updates that were asked for.</summary>
    public int SentCount => Volatile.Read(ref _sentCount);

    /// <summary>The number of streams whose token was cancelled before they ended.</summary>
    public int CancelledCount => Volatile.Read(ref _cancelledCount);

    /// <summary>Awaited before each update.</summary>
    public Func<int, CancellationToken, Task> Before { get; init; } = async (_, _) => await Task.Yield();

    public async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        await GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        List<ChatMessage> request = [.. messages];
        lock (_requests)
            _requests.Add(request);
        Interlocked.Increment(ref _openCount);
        try
        {
            int index = 0;
            foreach (ChatResponseUpdate update in answer(request))
            {
                await Before(index++, cancellationToken);
                cancellationToken.ThrowIfCancellationRequested();
                Interlocked.Increment(ref _sentCount);
                yield return update;
            }
        }
        finally
        {
            if (cancellationToken.IsCancellationRequested)
                Interlocked.Increment(ref _cancelledCount);
            Interlocked.Decrement(ref _openCount);
        }
    }

    public object? GetService(Type serviceType, object? serviceKey = null) => null;

    public void Dispose()
    {
    }
}
