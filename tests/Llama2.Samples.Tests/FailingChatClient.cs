using Microsoft.Extensions.AI;

namespace Llama2.Samples.Tests;

/// <summary>A client that refuses every request for the same reason, before its answer begins.</summary>
internal sealed class FailingChatClient(Exception reason) : IChatClient
{
    public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        Task.FromException<ChatResponse>(reason);

    public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        messages.ToAsyncEnumerable().Select<ChatMessage, ChatResponseUpdate>(_ => throw reason);

    public object? GetService(Type serviceType, object? serviceKey = null) => null;

    public void Dispose()
    {
    }
}
