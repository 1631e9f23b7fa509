using System.Buffers;

namespace Llama2.Adapters;

/// <summary>The buffers for one row of a merged matrix: all have the row's length, and come from the shared pool.</summary>
internal readonly struct RowChange(int length) : IDisposable
{
    private readonly float[] _change = ArrayPool<float>.Shared.Rent(length);
    private readonly float[] _decoded = ArrayPool<float>.Shared.Rent(length);
    private readonly float[] _scales = ArrayPool<float>.Shared.Rent(length);
    private readonly byte[] _codes = ArrayPool<byte>.Shared.Rent(length);

    /// <summary>What the adapters add to the row.</summary>
    public Span<float> Change => _change.AsSpan(0, length);

    /// <summary>The weights after encoding.</summary>
    public Span<float> Decoded => _decoded.AsSpan(0, length);

    /// <summary>The amount by which each weight grows when its code grows by 1.</summary>
    public Span<float> Scales => _scales.AsSpan(0, length);

    /// <summary>The codes of the row.</summary>
    public Span<byte> Codes => _codes.AsSpan(0, length);

    public void Dispose()
    {
        ArrayPool<float>.Shared.Return(_change);
        ArrayPool<float>.Shared.Return(_decoded);
        ArrayPool<float>.Shared.Return(_scales);
        ArrayPool<byte>.Shared.Return(_codes);
    }
}
