using System.Collections.Concurrent;
using Microsoft.Extensions.AI;

namespace Llama2.Samples.Tests;

/// <summary>A model that gives empty answers and records the prefix scopes of its requests.</summary>
internal sealed class ScopeRecordingChatClient : IChatClient
{
    private readonly ConcurrentQueue<string> _scopes = [];

    /// <summary>The scopes, in the order of the requests.</summary>
    public IReadOnlyList<string> Scopes => [.. _scopes];

    public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        _scopes.Enqueue((string)options!.AdditionalProperties![nameof(GenerationOptions.PrefixScope)]!);
        return AsyncEnumerable.Empty<ChatResponseUpdate>();
    }

    public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException();

    public object? GetService(Type serviceType, object? serviceKey = null) => null;

    public void Dispose()
    {
    }
}
