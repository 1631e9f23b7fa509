using Microsoft.Extensions.AI;

namespace Llama2.Samples.Tests;

/// <summary>A client whose requests all fail for the same reason.</summary>
/// <param name="reason">The exception that is thrown.</param>
/// <param name="beginning">The text of the answer before the exception; null for none.</param>
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
