using System.Text;
using Llama2.Formats.Gguf;

namespace Llama2.Tests.Formats.Gguf;

/// <summary>
/// Writes small GGUF files that are well-formed or wrong in exactly the way that a test requires. It shares no code with the reader.
/// </summary>
internal sealed class GgufBuilder
{
    private readonly List<byte[]> _pairs = [];
    private readonly List<byte[]> _entries = [];
    private readonly List<byte> _data = [];

    public byte[] Magic { get; init; } = "GGUF"u8.ToArray();

    public uint Version { get; init; } = 3;

    public int Alignment { get; init; } = 32;

    /// <summary>The number of tensors that the header states, if it is to differ from the true number.</summary>
    public ulong? TensorCount { get; init; }

    /// <summary>The number of metadata pairs that the header states, if it is to differ from the true number.</summary>
    public ulong? MetadataCount { get; init; }

    /// <summary>The offset in the file at which the tensor data begin; known after <see cref="Build"/>.</summary>
    public int DataStart { get; private set; }

    /// <summary>Adds a number, a boolean, a string, or an array of one of these, with the corresponding GGUF type.</summary>
    public GgufBuilder Add(string key, object value)
    {
        if (value is not Array array)
            return AddRaw(key, TypeOf(value.GetType()), Bytes(value));

        byte[][] elements = [.. array.Cast<object>().Select(Bytes)];
        return AddRaw(key, 9, ArrayOf(TypeOf(array.GetType().GetElementType()!), (ulong)array.Length, [.. elements.SelectMany(e => e)]));
    }

    /// <summary>Adds a pair with any type number and bytes.</summary>
    public GgufBuilder AddRaw(string key, uint type, byte[] value)
    {
        _pairs.Add([.. Bytes(key), .. Bytes(type), .. value]);
        return this;
    }

    /// <summary>The bytes of an array value with any element count.</summary>
    public static byte[] ArrayOf(uint elementType, ulong count, byte[] elements) => [.. Bytes(elementType), .. Bytes(count), .. elements];

    /// <summary>Adds a tensor and appends its data, which may have any length.</summary>
    public GgufBuilder AddTensor(string name, GgmlType type, ulong[] dimensions, byte[] data)
    {
        while (_data.Count % Alignment != 0)
            _data.Add(0);
        AddRawTensor(name, (uint)dimensions.Length, dimensions, (uint)type, (ulong)_data.Count);
        _data.AddRange(data);
        return this;
    }

    /// <summary>Adds an entry to the table of tensors, but no data.</summary>
    public GgufBuilder AddRawTensor(string name, uint dimensionCount, ulong[] dimensions, uint type, ulong offset)
    {
        _entries.Add([.. Bytes(name), .. Bytes(dimensionCount), .. dimensions.SelectMany(d => Bytes(d)), .. Bytes(type), .. Bytes(offset)]);
        return this;
    }

    public byte[] Build()
    {
        var file = new MemoryStream();
        file.Write(Magic);
        file.Write(Bytes(Version));
        file.Write(Bytes(TensorCount ?? (ulong)_entries.Count));
        file.Write(Bytes(MetadataCount ?? (ulong)_pairs.Count));
        foreach (byte[] part in _pairs.Concat(_entries))
            file.Write(part);
        while (_entries.Count > 0 && file.Length % Alignment != 0)
            file.WriteByte(0);

        DataStart = (int)file.Length;
        file.Write([.. _data]);
        return file.ToArray();
    }

    public GgufFile Open() => GgufFile.Open(new MemoryByteSource(Build()));

    public static byte[] Bytes(object value) => value switch
    {
        byte number => [number],
        sbyte number => [(byte)number],
        ushort number => BitConverter.GetBytes(number),
        short number => BitConverter.GetBytes(number),
        uint number => BitConverter.GetBytes(number),
        int number => BitConverter.GetBytes(number),
        ulong number => BitConverter.GetBytes(number),
        long number => BitConverter.GetBytes(number),
        float number => BitConverter.GetBytes(number),
        double number => BitConverter.GetBytes(number),
        bool flag => [flag ? (byte)1 : (byte)0],
        string text => [.. BitConverter.GetBytes((ulong)Encoding.UTF8.GetByteCount(text)), .. Encoding.UTF8.GetBytes(text)],
        _ => throw new ArgumentException($"GGUF has no type for {value.GetType()}.", nameof(value)),
    };

    private static uint TypeOf(Type type) =>
        type == typeof(byte) ? 0 : type == typeof(sbyte) ? 1 : type == typeof(ushort) ? 2 : type == typeof(short) ? 3
        : type == typeof(uint) ? 4 : type == typeof(int) ? 5 : type == typeof(float) ? 6 : type == typeof(bool) ? 7
        : type == typeof(string) ? 8 : type == typeof(ulong) ? 10 : type == typeof(long) ? 11 : type == typeof(double) ? 12u
        : throw new ArgumentException($"GGUF has no type for {type}.", nameof(type));
}
