using System.Buffers.Binary;
using System.Text;
using Llama2.Quantization;

namespace Llama2.Formats.Gguf;

/// <summary>
/// Writes a GGUF version 3 file as a stream: metadata and the table of tensors first, then each tensor's bytes in the table's order. The same calls
/// always write the same bytes. The file gets its name when <see cref="Complete"/> is called; before that it has a temporary name beside the target,
/// and <see cref="Dispose"/> deletes it.
/// </summary>
internal sealed class GgufWriter : IDisposable
{
    private const int Alignment = 32;
    private const int BufferByteSize = 1 << 20;
    private readonly AtomicFile _target;
    private readonly Stream _file;
    private readonly List<(string Key, object Value)> _metadata = [];
    private readonly List<(string Name, GgmlType Type, long[] Dimensions)> _tensors = [];
    private int _endedTensorCount;
    private long _dataStart;
    private long _tensorEnd;
    private bool _hasHeader;

    /// <exception cref="IOException">The folder cannot be written to.</exception>
    public GgufWriter(string path)
    {
        _target = new AtomicFile(path, BufferByteSize);
        _file = _target.Stream;
    }

    /// <summary>
    /// Adds a metadata value of any type that <see cref="IModelFile.Metadata"/> can have: a number, a bool, a string, or an array of one of these
    /// types.
    /// </summary>
    public void Add(string key, object value) => _metadata.Add((key, value));

    /// <summary>Adds a tensor to the table. The tensors' bytes must be written in the order in which the tensors were added.</summary>
    public void AddTensor(string name, GgmlType type, params long[] dimensions) => _tensors.Add((name, type, dimensions));

    /// <summary>Appends bytes of the current tensor; <see cref="EndTensor"/> adds the padding after them.</summary>
    /// <exception cref="IOException">
    /// Writing failed, or the disk has too little free space for all tensors of the table; this space is checked before the first tensor is written.
    /// </exception>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        WriteHeaderOnce();
        _file.Write(bytes);
    }

    /// <summary>Ends the current tensor's bytes.</summary>
    /// <exception cref="InvalidOperationException">The number of bytes differs from the size in the table.</exception>
    public void EndTensor()
    {
        (string name, GgmlType type, long[] dimensions) = _tensors[_endedTensorCount++];
        _tensorEnd += ByteSize(type, dimensions);
        if (_file.Position - _dataStart != _tensorEnd)
        {
            throw new InvalidOperationException($"The bytes of '{name}' end at {_file.Position - _dataStart:N0} of the data; according to the table they end at {_tensorEnd:N0}.");
        }

        Pad();
        _tensorEnd = _file.Position - _dataStart;
    }

    /// <summary>Flushes the file to the disk and gives it its name.</summary>
    /// <exception cref="InvalidOperationException">A tensor of the table has not been written.</exception>
    public void Complete()
    {
        WriteHeaderOnce();
        if (_endedTensorCount != _tensors.Count)
        {
            throw new InvalidOperationException($"{_endedTensorCount:N0} of {_tensors.Count:N0} tensors are written.");
        }

        _target.Commit();
    }

    public void Dispose() => _target.Dispose();

    private void WriteHeaderOnce()
    {
        if (_hasHeader)
        {
            return;
        }

        _hasHeader = true;
        _file.Write("GGUF"u8);
        WriteUInt32(3);
        WriteUInt64((ulong)_tensors.Count);
        WriteUInt64((ulong)_metadata.Count);
        foreach ((string key, object value) in _metadata)
        {
            WriteString(key);
            WriteValue(key, value);
        }

        ulong offset = 0;
        foreach ((string name, GgmlType type, long[] dimensions) in _tensors)
        {
            WriteString(name);
            WriteUInt32((uint)dimensions.Length);
            Array.ForEach(dimensions, length => WriteUInt64((ulong)length));
            WriteUInt32((uint)type);
            WriteUInt64(offset);
            offset += (ulong)(ByteSize(type, dimensions) + Alignment - 1) / Alignment * Alignment;
        }

        Pad();
        _dataStart = _file.Position;
        DiskSpace.Require(_target.Path, _dataStart + (long)offset);
    }

    private static long ByteSize(GgmlType type, long[] dimensions)
        => dimensions.Skip(1).Aggregate(GgmlTypes.RowByteSize(type, dimensions[0]), (size, length) => checked(size * length));

    private void WriteValue(string key, object value)
    {
        if (value is not Array array)
        {
            WriteUInt32((uint)TypeOf(key, value.GetType()));
            WriteScalar(value);
            return;
        }

        WriteUInt32((uint)GgufValueType.Array);
        WriteUInt32((uint)TypeOf(key, array.GetType().GetElementType()!));
        WriteUInt64((ulong)array.Length);
        foreach (object element in array)
        {
            WriteScalar(element);
        }
    }

    private static GgufValueType TypeOf(string key, Type type) => Type.GetTypeCode(type) switch
    {
        TypeCode.Byte => GgufValueType.UInt8,
        TypeCode.SByte => GgufValueType.Int8,
        TypeCode.UInt16 => GgufValueType.UInt16,
        TypeCode.Int16 => GgufValueType.Int16,
        TypeCode.UInt32 => GgufValueType.UInt32,
        TypeCode.Int32 => GgufValueType.Int32,
        TypeCode.UInt64 => GgufValueType.UInt64,
        TypeCode.Int64 => GgufValueType.Int64,
        TypeCode.Single => GgufValueType.Float32,
        TypeCode.Double => GgufValueType.Float64,
        TypeCode.Boolean => GgufValueType.Bool,
        TypeCode.String => GgufValueType.String,
        _ => throw new ArgumentException($"The metadata '{key}' is of type {type}, which cannot be written.", nameof(type)),
    };

    private void WriteScalar(object value)
    {
        switch (value)
        {
            case byte number: _file.WriteByte(number); break;
            case sbyte number: _file.WriteByte((byte)number); break;
            case ushort number: WriteUInt16(number); break;
            case short number: WriteUInt16((ushort)number); break;
            case uint number: WriteUInt32(number); break;
            case int number: WriteUInt32((uint)number); break;
            case ulong number: WriteUInt64(number); break;
            case long number: WriteUInt64((ulong)number); break;
            case float number: WriteUInt32(BitConverter.SingleToUInt32Bits(number)); break;
            case double number: WriteUInt64(BitConverter.DoubleToUInt64Bits(number)); break;
            case bool flag: _file.WriteByte(flag ? (byte)1 : (byte)0); break;
            default: WriteString((string)value); break;
        }
    }

    private void WriteString(string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        WriteUInt64((ulong)bytes.Length);
        _file.Write(bytes);
    }

    private void WriteUInt16(ushort value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ushort)];
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, value);
        _file.Write(bytes);
    }

    private void WriteUInt32(uint value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        _file.Write(bytes);
    }

    private void WriteUInt64(ulong value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        _file.Write(bytes);
    }

    private void Pad()
    {
        while (_file.Position % Alignment != 0)
        {
            _file.WriteByte(0);
        }
    }
}
