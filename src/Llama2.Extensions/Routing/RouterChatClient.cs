using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace Llama2.Extensions.Routing;

/// <summary>Gives each chat request to the model that its options name, and keeps the model loaded until the answer is complete. Thread-safe.</summary>
internal sealed class RouterChatClient(LlamaRouter router) : IChatClient
{
    public async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        using LlamaModelLease lease = await router.RentAsync(options?.ModelId, cancellationToken).ConfigureAwait(false);
        return await lease.Client.GetResponseAsync(messages, WithoutModel(options), cancellationToken).ConfigureAwait(false);
    }

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using LlamaModelLease lease = await router.RentAsync(options?.ModelId, cancellationToken).ConfigureAwait(false);
        await foreach (ChatResponseUpdate update in lease.Client.GetStreamingResponseAsync(messages, WithoutModel(options), cancellationToken).ConfigureAwait(false))
            yield return update;
    }

    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is null ? Array.Find<object>([this, router], serviceType.IsInstanceOfType) : null;
    }

    public void Dispose()
    {
    }

    // The name may be an alias, which the model itself does not know.
    private static ChatOptions? WithoutModel(ChatOptions? options)
    {
        if (options?.ModelId is null)
            return options;
        ChatOptions copy = options.Clone();
        copy.ModelId = null;
        return copy;
    }
}
