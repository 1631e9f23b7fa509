using Llama2.Memory;
using Llama2.Quantization;

namespace Llama2.Model;

/// <summary>
/// The embedding of each token, [vocabulary, embedding], in the format of the file: because only single rows are read, the table is not repacked into
/// panels.
/// </summary>
internal sealed class EmbeddingTable : IDisposable
{
    private readonly GgmlType _type;
    private readonly int _rowByteSize;
    private readonly WeightBytes _rows;

    /// <param name="type">The format of the rows.</param>
    /// <param name="rowCount">The number of tokens.</param>
    /// <param name="rowLength">The number of elements of an embedding.</param>
    /// <param name="place">Receives the size of the table in bytes, and returns the memory for it. If null, the table allocates its memory.</param>
    public EmbeddingTable(GgmlType type, int rowCount, int rowLength, Func<long, WeightBytes>? place = null)
    {
        _type = type;
        _rowByteSize = checked((int)GgmlTypes.RowByteSize(type, rowLength));
        _rows = (place ?? WeightBytes.Allocate)((long)rowCount * _rowByteSize);
    }

    /// <summary>The format in which the rows are stored.</summary>
    public GgmlType Type => _type;

    /// <summary>The size of the table in memory, in bytes.</summary>
    public long ByteSize => _rows.ByteSize;

    /// <summary>The size of one token's embedding, in bytes.</summary>
    public int RowByteSize => _rowByteSize;

    /// <summary>The memory of the whole table.</summary>
    public WeightBytes Bytes => _rows;

    /// <summary>Rows in the format of the file, to be filled by the loader.</summary>
    public Span<byte> Rows(int start, int count) => _rows.Writable((long)start * _rowByteSize, count * _rowByteSize);

    /// <summary>Decodes one token's embedding.</summary>
    public void Read(int token, Span<float> embedding) => WeightFormats.Dequantize(_type, Row(token), embedding);

    /// <summary>Whether all elements of a token's embedding are finite.</summary>
    public bool IsFinite(int token) => WeightFormats.AreFinite(_type, Row(token));

    public void Dispose() => _rows.Dispose();

    private ReadOnlySpan<byte> Row(int token) => _rows.Slice((long)token * _rowByteSize, _rowByteSize);
}
