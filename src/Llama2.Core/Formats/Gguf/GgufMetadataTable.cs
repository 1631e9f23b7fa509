using System.Buffers.Binary;
using static System.FormattableString;

namespace Llama2.Formats.Gguf;

/// <summary>Reads the key-value pairs of a GGUF file; used once, while the file is opened.</summary>
internal sealed class GgufMetadataTable
{
    /// <summary>The size of the smallest pair: the length of the key (8 bytes), a key of one byte, a type (4 bytes), a value of one byte.</summary>
    public const int MinEntryByteSize = 8 + 1 + 4 + 1;

    /// <summary>The maximum number of pairs in a file; models have about 20 to 60.</summary>
    public const int MaxCount = 65_536;

    /// <summary>
    /// The maximum number of elements of all arrays together. The largest published vocabularies have 262,144 tokens and as many merges. With this
    /// limit, the memory for the metadata stays within 4 times the file's size plus 16 MiB. This holds even for an array of two-letter strings, each
    /// of which takes 10 bytes in the file and 40 in memory.
    /// </summary>
    public const int MaxElementCount = 4 * 1024 * 1024;

    private const int MaxKeyByteSize = 65_535;
    private readonly BoundedReader _reader;
    private readonly Dictionary<string, object> _values;
    private readonly Dictionary<string, long> _offsets;
    private int _elementsLeft = MaxElementCount;

    /// <summary>Reads <paramref name="count"/> pairs. The caller must have checked that the file is long enough for this number of pairs.</summary>
    public GgufMetadataTable(BoundedReader reader, int count)
    {
        _reader = reader;
        _values = new(count, StringComparer.Ordinal);
        _offsets = new(count, StringComparer.Ordinal);
        for (int i = 0; i < count; i++)
            ReadPair();
    }

    /// <summary>The values by key.</summary>
    public IReadOnlyDictionary<string, object> Values => _values;

    /// <summary>File offset of each key's value.</summary>
    public IReadOnlyDictionary<string, long> Offsets => _offsets;

    private void ReadPair()
    {
        long keyOffset = _reader.Position;
        string key = _reader.ReadString("metadata key", MaxKeyByteSize);
        if (key.Length == 0)
            throw _reader.Fault(keyOffset, "metadata key", "empty", "a key must have at least one character");

        uint type = _reader.ReadUInt32(key);
        if (!_offsets.TryAdd(key, _reader.Position))
            throw _reader.Fault(keyOffset, "metadata key", $"'{key}'", "the file has this key twice; convert the model again");

        _values.Add(key, type == (uint)GgufValueType.Array ? ReadArray(key) : ReadScalar((GgufValueType)type, key));
    }

    private object ReadScalar(GgufValueType type, string key) => type switch
    {
        GgufValueType.UInt8 => _reader.ReadByte(key),
        GgufValueType.Int8 => (object)(sbyte)_reader.ReadByte(key),
        GgufValueType.UInt16 => BinaryPrimitives.ReadUInt16LittleEndian(_reader.Take(2, key)),
        GgufValueType.Int16 => BinaryPrimitives.ReadInt16LittleEndian(_reader.Take(2, key)),
        GgufValueType.UInt32 => BinaryPrimitives.ReadUInt32LittleEndian(_reader.Take(4, key)),
        GgufValueType.Int32 => BinaryPrimitives.ReadInt32LittleEndian(_reader.Take(4, key)),
        GgufValueType.Float32 => BinaryPrimitives.ReadSingleLittleEndian(_reader.Take(4, key)),
        GgufValueType.Bool => ReadBoolean(key),
        GgufValueType.String => _reader.ReadString(key),
        GgufValueType.UInt64 => BinaryPrimitives.ReadUInt64LittleEndian(_reader.Take(8, key)),
        GgufValueType.Int64 => BinaryPrimitives.ReadInt64LittleEndian(_reader.Take(8, key)),
        GgufValueType.Float64 => BinaryPrimitives.ReadDoubleLittleEndian(_reader.Take(8, key)),
        _ => throw UnknownType((uint)type, key, _reader.Position - 4),
    };

    private object ReadArray(string key)
    {
        long start = _reader.Position;
        var type = (GgufValueType)_reader.ReadUInt32(key);
        return type switch
        {
            GgufValueType.UInt8 => ReadElements(key, sizeof(byte), static bytes => bytes[0]),
            GgufValueType.Int8 => ReadElements(key, sizeof(sbyte), static bytes => (sbyte)bytes[0]),
            GgufValueType.UInt16 => ReadElements(key, sizeof(ushort), BinaryPrimitives.ReadUInt16LittleEndian),
            GgufValueType.Int16 => ReadElements(key, sizeof(short), BinaryPrimitives.ReadInt16LittleEndian),
            GgufValueType.UInt32 => ReadElements(key, sizeof(uint), BinaryPrimitives.ReadUInt32LittleEndian),
            GgufValueType.Int32 => ReadElements(key, sizeof(int), BinaryPrimitives.ReadInt32LittleEndian),
            GgufValueType.Float32 => ReadElements(key, sizeof(float), BinaryPrimitives.ReadSingleLittleEndian),
            GgufValueType.UInt64 => ReadElements(key, sizeof(ulong), BinaryPrimitives.ReadUInt64LittleEndian),
            GgufValueType.Int64 => ReadElements(key, sizeof(long), BinaryPrimitives.ReadInt64LittleEndian),
            GgufValueType.Float64 => ReadElements(key, sizeof(double), BinaryPrimitives.ReadDoubleLittleEndian),
            GgufValueType.Bool => ReadBooleans(key),
            GgufValueType.String => ReadStrings(key),
            GgufValueType.Array => throw _reader.Fault(start, key, "an array of arrays", "arrays must not be nested; convert the model again"),
            _ => throw UnknownType((uint)type, key, start),
        };
    }

    private T[] ReadElements<T>(string key, int elementByteSize, Func<ReadOnlySpan<byte>, T> decode)
    {
        var values = new T[ReadElementCount(key, elementByteSize)];
        int chunkLength = BoundedReader.WindowByteSize / elementByteSize;
        for (int start = 0; start < values.Length; start += chunkLength)
        {
            Span<T> chunk = values.AsSpan(start, Math.Min(chunkLength, values.Length - start));
            ReadOnlySpan<byte> bytes = _reader.Take(chunk.Length * elementByteSize, key);
            for (int i = 0; i < chunk.Length; i++)
                chunk[i] = decode(bytes.Slice(i * elementByteSize, elementByteSize));
        }

        return values;
    }

    private bool[] ReadBooleans(string key)
    {
        bool[] values = new bool[ReadElementCount(key, sizeof(bool))];
        for (int i = 0; i < values.Length; i++)
            values[i] = ReadBoolean(key);
        return values;
    }

    private string[] ReadStrings(string key)
    {
        // The smallest element is an empty string, which consists of its length only.
        string[] values = new string[ReadElementCount(key, sizeof(ulong))];
        for (int i = 0; i < values.Length; i++)
            values[i] = _reader.ReadString(key);
        return values;
    }

    private int ReadElementCount(string key, int minElementByteSize)
    {
        long start = _reader.Position;
        ulong count = _reader.ReadUInt64(key);
        if (count > (ulong)(_reader.BytesLeft / minElementByteSize))
            throw _reader.CutShort(start, key, Invariant($"an array of {count:N0} elements of at least {minElementByteSize} bytes"));

        if (count > (ulong)_elementsLeft)
        {
            throw _reader.Fault(
                start, key, Invariant($"an array of {count:N0} elements"),
                Invariant($"all arrays of a file together may have at most {MaxElementCount:N0}"));
        }


        _elementsLeft -= (int)count;
        return (int)count;
    }

    private bool ReadBoolean(string key)
    {
        byte value = _reader.ReadByte(key);
        return value <= 1 ? value == 1 : throw _reader.Fault(_reader.Position - 1, key, $"the boolean {value}", "a boolean must be 0 or 1");
    }

    private ModelFormatException UnknownType(uint type, string key, long offset) =>
        _reader.Fault(offset, key, $"of type {type}", "it must be one of the value types 0 … 12; the file is malformed or newer than this library");
}
