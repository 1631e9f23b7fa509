using System.Buffers.Binary;

namespace Llama2.Evaluation.Data.Parquet;

/// <summary>Reads the pages of a column in a row group.</summary>
/// <param name="node">The column in the schema.</param>
/// <param name="chunk">Where its pages are.</param>
/// <param name="limits">The limits.</param>
internal sealed class ColumnReader(SchemaNode node, ColumnChunk chunk, ParquetLimits limits)
{
    private const int DataPage = 0, IndexPage = 1, DictionaryPage = 2, DataPage2 = 3;
    private const int Plain = 0, PlainDictionary = 2, RunLengthDictionary = 8;
    private readonly ColumnValues _values = ColumnValues.Create(node.Element, limits);
    private readonly byte[] _definitionLevels = new byte[node.DefinitionLevel > 0 ? chunk.ValueCount : 0];
    private readonly byte[] _repetitionLevels = new byte[node.RepetitionLevel > 0 ? chunk.ValueCount : 0];
    private ColumnValues? _dictionary;
    private int _count;

    /// <summary>Reads all pages.</summary>
    /// <param name="bytes">The bytes of the pages with their headers.</param>
    /// <param name="bytesLeft">The number of bytes that pages may still have when they are decompressed.</param>
    /// <exception cref="FormatException">The pages are malformed, or larger than allowed.</exception>
    public Column Read(ReadOnlyMemory<byte> bytes, ref long bytesLeft)
    {
        while (_count < chunk.ValueCount)
        {
            var reader = new CompactReader(bytes.Span);
            PageHeader header = PageHeader.Read(ref reader);
            bytes = bytes[reader.Position..];
            if (header.CompressedByteSize > bytes.Length)
                throw new FormatException("a page is cut off");
            bytesLeft -= header.ByteSize;
            if (bytesLeft < 0)
                throw new FormatException($"its pages have more bytes than are allowed; {limits.Remedy(nameof(limits.MaxByteSize))}");
            Read(header, bytes[..header.CompressedByteSize]);
            bytes = bytes[header.CompressedByteSize..];
        }

        return new Column(_values, _definitionLevels, _repetitionLevels, _count, node.DefinitionLevel);
    }

    private void Read(PageHeader header, ReadOnlyMemory<byte> bytes)
    {
        if (header.Type == IndexPage)
            return;
        if (header.Type is not (DataPage or DictionaryPage or DataPage2))
            throw new FormatException($"a page has the unknown type {header.Type}");
        if (header.Type == DictionaryPage)
        {
            if (_dictionary is not null || _count > 0)
                throw new FormatException("a column has a second dictionary");
            _dictionary = _values.CreateEmpty();
            _dictionary.AddPlain(PageCompression.Decompress(chunk.Codec, bytes, header.ByteSize), header.ValueCount);
            return;
        }

        if (header.ValueCount > chunk.ValueCount - _count)
            throw new FormatException("its pages have more values than its footer states");
        if (header.Type == DataPage)
            ReadData(header, PageCompression.Decompress(chunk.Codec, bytes, header.ByteSize));
        else
            ReadData2(header, bytes);
    }

    // Version 1: repetition levels, definition levels and values are compressed together; each kind of level begins with its size in four bytes.
    private void ReadData(PageHeader header, ReadOnlyMemory<byte> bytes)
    {
        ReadLevels(TakeLevels(ref bytes, node.RepetitionLevel), node.RepetitionLevel, _repetitionLevels, header.ValueCount);
        ReadLevels(TakeLevels(ref bytes, node.DefinitionLevel), node.DefinitionLevel, _definitionLevels, header.ValueCount);
        ReadValues(header, bytes);
    }

    private static ReadOnlySpan<byte> TakeLevels(ref ReadOnlyMemory<byte> bytes, int maximum)
    {
        if (maximum == 0)
            return [];
        uint byteSize = bytes.Length < 4 ? 0 : BinaryPrimitives.ReadUInt32LittleEndian(bytes.Span);
        if (byteSize + 4L > bytes.Length)
            throw new FormatException("a page is cut off");
        ReadOnlySpan<byte> levels = bytes.Span.Slice(4, (int)byteSize);
        bytes = bytes[(4 + (int)byteSize)..];
        return levels;
    }

    // Version 2: the levels come first, and are not compressed.
    private void ReadData2(PageHeader header, ReadOnlyMemory<byte> bytes)
    {
        long levelByteSize = (long)header.RepetitionByteSize + header.DefinitionByteSize;
        if (levelByteSize > bytes.Length || levelByteSize > header.ByteSize)
            throw new FormatException("a page is cut off");
        ReadLevels(bytes.Span[..header.RepetitionByteSize], node.RepetitionLevel, _repetitionLevels, header.ValueCount);
        ReadLevels(bytes.Span.Slice(header.RepetitionByteSize, header.DefinitionByteSize), node.DefinitionLevel, _definitionLevels, header.ValueCount);
        ReadOnlyMemory<byte> values = bytes[(int)levelByteSize..];
        int byteSize = header.ByteSize - (int)levelByteSize;
        ReadValues(header, header.IsUncompressed || byteSize == 0 ? values : PageCompression.Decompress(chunk.Codec, values, byteSize));
    }

    private void ReadLevels(ReadOnlySpan<byte> bytes, int maximum, byte[] levels, int count)
    {
        if (maximum == 0)
            return;
        int[] decoded = new int[count];
        HybridRuns.Decode(bytes, HybridRuns.BitWidth(maximum), decoded);
        for (int i = 0; i < count; i++)
            levels[_count + i] = decoded[i] <= maximum ? (byte)decoded[i] : throw new FormatException($"a level is {decoded[i]}, and the highest is {maximum}");
    }

    private void ReadValues(PageHeader header, ReadOnlyMemory<byte> bytes)
    {
        int count = node.DefinitionLevel == 0 ? header.ValueCount : _definitionLevels.AsSpan(_count, header.ValueCount).Count((byte)node.DefinitionLevel);
        _count += header.ValueCount;
        if (header.Encoding == Plain)
            _values.AddPlain(bytes, count);
        else if (header.Encoding is PlainDictionary or RunLengthDictionary)
            ReadIndices(bytes, count);
        else
            _values.AddEncoded(header.Encoding, bytes, count);
    }

    // The first byte is the bit width of the indices.
    private void ReadIndices(ReadOnlyMemory<byte> bytes, int count)
    {
        if (_dictionary is null)
            throw new FormatException("a page needs a dictionary, and there is none");
        if (count == 0)
            return;
        if (bytes.IsEmpty)
            throw new FormatException("a page is cut off");
        int[] indices = new int[count];
        HybridRuns.Decode(bytes.Span[1..], bytes.Span[0], indices);
        _values.AddFrom(_dictionary, indices);
    }
}
