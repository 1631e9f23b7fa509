using Llama2.Formats.Gguf;
using Llama2.Kernels;
using Llama2.Model;

namespace Llama2.Tests.Model;

public class KeyValueCacheTests
{
    private static readonly ModelConfiguration s_configuration = ReadConfiguration();
    private static readonly Attention s_attention = Attentions.For(s_configuration);

    [Fact]
    public void Keys_AfterStore_AreThoseOfTheLayerHeadAndBlock()
    {
        const int Capacity = 2 * Attention.BlockLength + 1;
        int length = s_configuration.HeadLength;
        using var cache = new KeyValueCache(s_configuration, s_attention, Capacity);
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
                    s_attention.StoreKey(key, position, keys);
                    s_attention.StoreValue(key.Select(number => -number).ToArray(), position, values);
                    keys.Should().Equal(expectedKeys);
                    values.Should().Equal(expectedValues);
                }
            }
        }

        static float Number(int layer, int position, int i) => 1 + 10_000 * layer + 50 * position + i;
    }

    [Theory]
    [InlineData(KeyValueCacheType.F32, 4)]
    [InlineData(KeyValueCacheType.F16, 2)]
    public void ByteSizeFor_AnyCapacity_CountsWholeBlocksOfAllLayers(KeyValueCacheType type, int byteSize)
    {
        ModelConfiguration configuration = s_configuration with { EmbeddingLength = 64, HeadCount = 4, KeyValueHeadCount = 2 };
        Attention attention = Attentions.For(configuration, cacheType: type);

        KeyValueCache.ByteSizeFor(configuration, attention, 65).Should().Be(2L * configuration.LayerCount * 2 * 16 * 128 * byteSize);
    }

    [Fact]
    public void Constructor_MoreThanThereIsMemory_Throws()
    {
        ModelConfiguration huge = s_configuration with { LayerCount = 512, EmbeddingLength = 1 << 20 };
        FluentActions.Invoking(() => new KeyValueCache(huge, Attentions.For(huge), 1 << 24)).Should().Throw<LlamaMemoryException>();
    }

    [Fact]
    public void Keys_AfterDispose_ThrowsObjectDisposedException()
    {
        var cache = new KeyValueCache(s_configuration, s_attention, 2);
        cache.Dispose();
        float[] heads = new float[s_configuration.KeyValueLength];
        FluentActions.Invoking(() => cache.Keys(0, 0, 0).Length).Should().Throw<ObjectDisposedException>();
        FluentActions.Invoking(() => cache.Store(0, 0, heads, heads)).Should().Throw<ObjectDisposedException>();
    }

    private static ModelConfiguration ReadConfiguration()
    {
        using GgufFile file = new TinyLlama().Open();
        return ConfigurationReader.Read(file);
    }
}
