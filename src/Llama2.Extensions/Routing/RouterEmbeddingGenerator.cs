using Microsoft.Extensions.AI;

namespace Llama2.Extensions.Routing;

/// <summary>Gives each request for embeddings to the model that its options name. Thread-safe.</summary>
internal sealed class RouterEmbeddingGenerator(LlamaRouter router) : IEmbeddingGenerator<string, Embedding<float>>
{
    public async Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
        IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        using LlamaModelLease lease = await router.RentAsync(options?.ModelId, cancellationToken).ConfigureAwait(false);
        EmbeddingGenerationOptions? own = options?.Clone();
        own?.ModelId = null;
        return await lease.EmbeddingGenerator.GenerateAsync(values, own, cancellationToken).ConfigureAwait(false);
    }

    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is null ? Array.Find<object>([this, router], serviceType.IsInstanceOfType) : null;
    }

    public void Dispose()
    {
    }
}
