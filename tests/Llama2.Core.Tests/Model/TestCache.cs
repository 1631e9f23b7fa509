using Llama2.Kernels;
using Llama2.Model;

namespace Llama2.Tests.Model;

/// <summary>A key-value cache with memory of its own.</summary>
internal sealed class TestCache : IDisposable
{
    private readonly KeyValuePool _pool;

    public TestCache(ModelConfiguration configuration, Attention attention, int capacity)
    {
        _pool = new KeyValuePool(configuration, attention, KeyValueCache.ByteSizeFor(configuration, attention, capacity));
        Cache = _pool.TryRent([], 0, capacity, out _)!;
    }

    public KeyValueCache Cache { get; }

    public void Dispose() => _pool.Dispose();
}
