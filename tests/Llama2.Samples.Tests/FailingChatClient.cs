using Microsoft.Extensions.AI;

namespace Llama2.Samples.Tests;

/// <summary>A client that refuses every request for the same reason.</summary>
/// <param name="reason">The reason.</param>
/// <param name="beginning">What the answer begins with before that; null for no answer.</param>
internal sealed class FailingChatClient(Exception reason, string? beginning = null) : IChatClient
{
    public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        Task.FromException<ChatResponse>(reason);

    public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        new[] { beginning, null }.ToAsyncEnumerable()
            .Select(text => text is null ? throw reason : new ChatResponseUpdate(ChatRole.Assistant, text));

    public object? GetService(Type serviceType, object? serviceKey = null) => null;

    public void Dispose()
    {
    }
}
