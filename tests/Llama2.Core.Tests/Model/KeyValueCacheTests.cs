using Llama2.Formats.Gguf;
using Llama2.Model;

namespace Llama2.Tests.Model;

public class KeyValueCacheTests
{
    [Fact]
    public void Keys_AfterStore_HoldEachHeadsPositionsInOrder()
    {
        ModelConfiguration configuration = Configuration();
        using var cache = new KeyValueCache(configuration, 5);
        foreach ((int layer, int position) in from layer in new[] { 1, 0 } from position in new[] { 4, 0, 2, 1, 3 } select (layer, position))
        {
            float[] keys = [.. Enumerable.Range(0, 32).Select(i => Number(layer, position, i))];
            cache.Store(layer, position, keys, keys.Select(key => -key).ToArray());
        }

        for (int layer = 0; layer < 2; layer++)
        {
            for (int head = 0; head < 2; head++)
            {
                for (int count = 0; count <= 5; count++)
                {
                    float[] expected = [.. from position in Enumerable.Range(0, count) from i in Enumerable.Range(16 * head, 16) select Number(layer, position, i)];
                    cache.Keys(layer, head, count).ToArray().Should().Equal(expected);
                    cache.Values(layer, head, count).ToArray().Should().Equal(expected.Select(key => -key));
                }
            }
        }

        static float Number(int layer, int position, int i) => 1 + 1000 * layer + 100 * position + i;
    }

    [Fact]
    public void Store_Again_Replaces()
    {
        using var cache = new KeyValueCache(Configuration(), 2);
        cache.Store(0, 1, Enumerable.Repeat(1f, 32).ToArray(), new float[32]);
        cache.Store(0, 1, Enumerable.Repeat(2f, 32).ToArray(), new float[32]);
        cache.Keys(0, 0, 2).ToArray().Should().Equal([.. new float[16], .. Enumerable.Repeat(2f, 16)]);
    }

    [Fact]
    public void ByteSizeFor_AnyCapacity_CountsKeysAndValuesOfAllLayers()
    {
        KeyValueCache.ByteSizeFor(Configuration(), 128).Should().Be(2 * 4 * 2 * 32 * 128);
        KeyValueCache.ByteSizeFor(Configuration() with { LayerCount = 512, EmbeddingLength = 1 << 20, HeadCount = 4, KeyValueHeadCount = 4 }, 1 << 24)
            .Should().Be(8L << 53);
    }

    [Fact]
    public void Constructor_MoreThanThereIsMemory_Throws()
    {
        ModelConfiguration huge = Configuration() with { LayerCount = 512, EmbeddingLength = 1 << 20 };
        FluentActions.Invoking(() => new KeyValueCache(huge, 1 << 24)).Should().Throw<OutOfMemoryException>();
    }

    [Fact]
    public void Keys_AfterDispose_ThrowsObjectDisposedException()
    {
        var cache = new KeyValueCache(Configuration(), 2);
        cache.Dispose();
        FluentActions.Invoking(() => cache.Keys(0, 0, 1).Length).Should().Throw<ObjectDisposedException>();
        FluentActions.Invoking(() => cache.Store(0, 0, new float[32], new float[32])).Should().Throw<ObjectDisposedException>();
    }

    private static ModelConfiguration Configuration()
    {
        using GgufFile file = new TinyLlama().Open();
        return ConfigurationReader.Read(file);
    }
}
