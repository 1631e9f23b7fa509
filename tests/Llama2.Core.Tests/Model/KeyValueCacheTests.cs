using Llama2.Formats.Gguf;
using Llama2.Kernels;
using Llama2.Model;

namespace Llama2.Tests.Model;

public class KeyValueCacheTests
{
    private static readonly ModelConfiguration s_configuration = ReadConfiguration();
    private static readonly Attention s_attention = Attentions.For(s_configuration);

    [Theory]
    [InlineData(KeyValueCacheType.F32)]
    [InlineData(KeyValueCacheType.Q8_0)]
    public void Keys_AfterStore_AreThoseOfTheLayerHeadAndBlock(KeyValueCacheType type)
    {
        const int Capacity = 2 * Attention.BlockLength + 1;
        int length = s_configuration.HeadLength;
        Attention attention = Attentions.For(s_configuration, cacheType: type);
        using var cacheMemory = new TestCache(s_configuration, attention, Capacity);
        KeyValueCache cache = cacheMemory.Cache;
        foreach ((int layer, int position) in from layer in new[] { 1, 0 } from position in Enumerable.Range(0, Capacity).Reverse() select (layer, position))
        {
            float[] keys = [.. Enumerable.Range(0, s_configuration.KeyValueLength).Select(i => Number(layer, position, i))];
            cache.Store(layer, position, keys, keys.Select(key => -key).ToArray());
        }

        for (int layer = 0; layer < 2; layer++)
        {
            for (int head = 0; head < s_configuration.KeyValueHeadCount; head++)
            {
                for (int position = 0; position < Capacity; position++)
                {
                    byte[] expectedKeys = cache.Keys(layer, head, position / Attention.BlockLength).ToArray();
                    byte[] expectedValues = cache.Values(layer, head, position / Attention.BlockLength).ToArray();
                    float[] key = [.. Enumerable.Range(length * head, length).Select(i => Number(layer, position, i))];
                    byte[] keys = [.. expectedKeys], values = [.. expectedValues];
                    attention.StoreKey(key, position, keys);
                    attention.StoreValue(key.Select(number => -number).ToArray(), position, values);
                    keys.Should().Equal(expectedKeys);
                    values.Should().Equal(expectedValues);
                }
            }
        }

        static float Number(int layer, int position, int i) => 1 + 10_000 * layer + 50 * position + i;
    }

    [Theory]
    [InlineData(KeyValueCacheType.F32, 16, 64)]
    [InlineData(KeyValueCacheType.F16, 16, 32)]
    [InlineData(KeyValueCacheType.I16, 16, 32 + 4)]
    [InlineData(KeyValueCacheType.I16, 80, 160 + 4)]
    [InlineData(KeyValueCacheType.Q8_0, 16, 16 + 2)]
    [InlineData(KeyValueCacheType.Q8_0, 64, 64 + 4)]
    [InlineData(KeyValueCacheType.Q8_0, 80, 80 + 6)]
    public void ByteSizeFor_AnyCapacity_CountsWholeBlocksOfAllLayers(KeyValueCacheType type, int headLength, int headByteSize)
    {
        ModelConfiguration configuration = s_configuration with { EmbeddingLength = 4 * headLength, HeadCount = 4, KeyValueHeadCount = 2 };
        Attention attention = Attentions.For(configuration, cacheType: type);

        KeyValueCache.ByteSizeFor(configuration, attention, 65).Should().Be(2L * configuration.LayerCount * 2 * 128 * headByteSize);
    }

    [Fact]
    public void Keys_AfterDispose_ThrowsObjectDisposedException()
    {
        var memory = new TestCache(s_configuration, s_attention, 2);
        memory.Dispose();
        float[] heads = new float[s_configuration.KeyValueLength];
        FluentActions.Invoking(() => memory.Cache.Keys(0, 0, 0).Length).Should().Throw<ObjectDisposedException>();
        FluentActions.Invoking(() => memory.Cache.Store(0, 0, heads, heads)).Should().Throw<ObjectDisposedException>();
    }

    private static ModelConfiguration ReadConfiguration()
    {
        using GgufFile file = new TinyLlama().Open();
        return ConfigurationReader.Read(file);
    }
}
