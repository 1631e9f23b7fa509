using Llama2.Kernels;
using Llama2.Memory;

namespace Llama2.Model;

/// <summary>
/// The keys and values of one sequence, for every layer and head, in the blocks of positions that <see cref="Kernels.Attention"/> reads:
/// [layer][head][block]. Used by one forward pass at a time.
/// </summary>
internal sealed class KeyValueCache : IDisposable
{
    private readonly Attention _attention;
    private readonly int _headCount;
    private readonly int _blockCount;
    private readonly AlignedBuffer<byte> _keys;
    private readonly AlignedBuffer<byte> _values;

    /// <summary>Makes room for <paramref name="capacity"/> positions.</summary>
    /// <exception cref="LlamaMemoryException">There is no memory for it.</exception>
    public KeyValueCache(ModelConfiguration configuration, Attention attention, int capacity)
    {
        _attention = attention;
        _headCount = configuration.KeyValueHeadCount;
        _blockCount = BlockCount(capacity);
        Capacity = capacity;
        long count = (long)configuration.LayerCount * _headCount * _blockCount;
        _keys = new(checked(count * attention.KeyBlockByteSize));
        try
        {
            _values = new(checked(count * attention.ValueBlockByteSize));
        }
        catch
        {
            _keys.Dispose();
            throw;
        }
    }

    /// <summary>Positions that there is room for.</summary>
    public int Capacity { get; }

    /// <summary>Bytes that a cache of <paramref name="capacity"/> positions takes.</summary>
    public static long ByteSizeFor(ModelConfiguration configuration, Attention attention, int capacity)
        => (long)configuration.LayerCount * configuration.KeyValueHeadCount * BlockCount(capacity) * (attention.KeyBlockByteSize + attention.ValueBlockByteSize);

    /// <summary>Stores the keys and values of one position; each span holds all heads.</summary>
    public void Store(int layer, int position, ReadOnlySpan<float> keys, ReadOnlySpan<float> values)
    {
        int length = _attention.HeadLength, block = position / Attention.BlockLength;
        for (int head = 0; head < _headCount; head++)
        {
            _attention.StoreKey(keys.Slice(head * length, length), position, Block(_keys, _attention.KeyBlockByteSize, layer, head, block));
            _attention.StoreValue(values.Slice(head * length, length), position, Block(_values, _attention.ValueBlockByteSize, layer, head, block));
        }
    }

    /// <summary>The keys of a head at the positions of a block.</summary>
    public ReadOnlySpan<byte> Keys(int layer, int head, int block) => Block(_keys, _attention.KeyBlockByteSize, layer, head, block);

    /// <summary>The values of a head at the positions of a block.</summary>
    public ReadOnlySpan<byte> Values(int layer, int head, int block) => Block(_values, _attention.ValueBlockByteSize, layer, head, block);

    public void Dispose()
    {
        _keys.Dispose();
        _values.Dispose();
    }

    private static int BlockCount(int capacity) => (capacity + Attention.BlockLength - 1) / Attention.BlockLength;

    private Span<byte> Block(AlignedBuffer<byte> buffer, int byteSize, int layer, int head, int block)
        => buffer.Slice((((long)layer * _headCount + head) * _blockCount + block) * byteSize, byteSize);
}
