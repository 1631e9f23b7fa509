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
    private readonly AlignedBuffer<byte> _rows;

    public EmbeddingTable(GgmlType type, int rowCount, int rowLength)
    {
        _type = type;
        _rowByteSize = checked((int)GgmlTypes.RowByteSize(type, rowLength));
        _rows = new((long)rowCount * _rowByteSize);
    }

    /// <summary>The format in which the rows are stored.</summary>
    public GgmlType Type => _type;

    /// <summary>The size of the table in memory, in bytes.</summary>
    public long ByteSize => _rows.ByteSize;

    /// <summary>The size of one token's embedding, in bytes.</summary>
    public int RowByteSize => _rowByteSize;

    /// <summary>Rows in the format of the file, to be filled by the loader.</summary>
    public Span<byte> Rows(int start, int count) => _rows.Slice((long)start * _rowByteSize, count * _rowByteSize);

    /// <summary>Decodes one token's embedding.</summary>
    public void Read(int token, Span<float> embedding) => WeightFormats.Dequantize(_type, Rows(token, 1), embedding);

    /// <summary>Whether all elements of a token's embedding are finite.</summary>
    public bool IsFinite(int token) => WeightFormats.AreFinite(_type, Rows(token, 1));

    public void Dispose() => _rows.Dispose();
}
