using Llama2.Memory;

namespace Llama2.Model;

/// <summary>
/// The keys and values of one sequence, for every layer: [layer, head, position, head length] in float32, so that a head's positions follow
/// each other in memory. Used by one forward pass at a time.
/// </summary>
internal sealed class KeyValueCache : IDisposable
{
    private readonly int _headCount;
    private readonly int _headLength;
    private readonly AlignedBuffer<float> _keys;
    private readonly AlignedBuffer<float> _values;

    /// <summary>Makes room for <paramref name="capacity"/> positions.</summary>
    /// <exception cref="OutOfMemoryException">There is no memory for it.</exception>
    public KeyValueCache(ModelConfiguration configuration, int capacity)
    {
        Capacity = capacity;
        _headCount = configuration.KeyValueHeadCount;
        _headLength = configuration.HeadLength;
        long length = (long)configuration.LayerCount * _headCount * capacity * _headLength;
        _keys = new(length);
        try
        {
            _values = new(length);
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
    public static long ByteSizeFor(ModelConfiguration configuration, int capacity)
        => 2L * sizeof(float) * configuration.LayerCount * configuration.KeyValueLength * capacity;

    /// <summary>Stores the keys and values of one position; each span holds all heads.</summary>
    public void Store(int layer, int position, ReadOnlySpan<float> keys, ReadOnlySpan<float> values)
    {
        for (int head = 0; head < _headCount; head++)
        {
            long offset = Offset(layer, head) + (long)position * _headLength;
            keys.Slice(head * _headLength, _headLength).CopyTo(_keys.Slice(offset, _headLength));
            values.Slice(head * _headLength, _headLength).CopyTo(_values.Slice(offset, _headLength));
        }
    }

    /// <summary>The keys of a head at positions 0 … <paramref name="count"/> − 1: [position, head length].</summary>
    public ReadOnlySpan<float> Keys(int layer, int head, int count) => _keys.Slice(Offset(layer, head), checked(count * _headLength));

    /// <summary>The values of a head at positions 0 … <paramref name="count"/> − 1: [position, head length].</summary>
    public ReadOnlySpan<float> Values(int layer, int head, int count) => _values.Slice(Offset(layer, head), checked(count * _headLength));

    public void Dispose()
    {
        _keys.Dispose();
        _values.Dispose();
    }

    private long Offset(int layer, int head) => ((long)layer * _headCount + head) * Capacity * _headLength;
}
