using System.Buffers.Binary;
using System.Globalization;

namespace Llama2.Tokenization;

/// <summary>
/// Reads the fields of one protobuf message from memory (protobuf.dev/programming-guides/encoding). A nested message is read by another reader, which
/// is given a part of the same bytes, so there is no recursion. Groups, which SentencePiece never used, are refused.
/// </summary>
internal ref struct ProtobufReader
{
    private readonly ReadOnlySpan<byte> _data;
    private readonly string _source;
    private readonly long _origin;
    private readonly string _message;
    private int _position;
    private int _fieldStart;
    private int _wireType;

    /// <param name="data">The message's bytes.</param>
    /// <param name="source">The file, for error messages.</param>
    /// <param name="origin">The offset of the message in the file.</param>
    /// <param name="message">The message's name in error messages.</param>
    public ProtobufReader(ReadOnlySpan<byte> data, string source, long origin, string message)
    {
        _data = data;
        _source = source;
        _origin = origin;
        _message = message;
    }

    /// <summary>The file offset of the field that was read last.</summary>
    public readonly long FieldOffset => _origin + _fieldStart;

    /// <summary>Advances to the next field; returns false at the end of the message.</summary>
    public bool TryReadField(out int number)
    {
        number = 0;
        _fieldStart = _position;
        if (_position == _data.Length)
            return false;
        ulong tag = ReadRawVarint("tag");
        if (tag >> 3 is 0 or > 536_870_911)
            throw Fault("field number", (tag >> 3).ToString(CultureInfo.InvariantCulture), "it must be from 1 to 536,870,911: the file is not protobuf, or is damaged");
        number = (int)(tag >> 3);
        _wireType = (int)(tag & 7);
        return true;
    }

    public long ReadInteger(string field)
    {
        Expect(0, field);
        return (long)ReadRawVarint(field);
    }

    public float ReadSingle(string field)
    {
        Expect(5, field);
        return BinaryPrimitives.ReadSingleLittleEndian(Take(4, field));
    }

    public ReadOnlySpan<byte> ReadBytes(string field)
    {
        Expect(2, field);
        return ReadRawBytes(field);
    }

    public ProtobufReader ReadMessage(string field)
    {
        ReadOnlySpan<byte> bytes = ReadBytes(field);
        return new ProtobufReader(bytes, _source, _origin + _position - bytes.Length, field);
    }

    public void Skip()
    {
        const string field = "field that is skipped";
        switch (_wireType)
        {
            case 0:
                ReadRawVarint(field);
                break;
            case 1:
                Take(8, field);
                break;
            case 2:
                ReadRawBytes(field);
                break;
            case 5:
                Take(4, field);
                break;
            default:
                throw Fault("wire type", _wireType.ToString(CultureInfo.InvariantCulture), "only 0, 1, 2 and 5 are supported: the file is not a SentencePiece model, or is damaged");
        }
    }

    public readonly ModelFormatException Fault(string field, string value, string limit) =>
        new(_source, FieldOffset, $"{_message}: {field}", value, limit);

    private readonly void Expect(int wireType, string field)
    {
        if (_wireType != wireType)
            throw Fault($"{field}, wire type", _wireType.ToString(CultureInfo.InvariantCulture), $"this field must have wire type {wireType}");
    }

    private ReadOnlySpan<byte> ReadRawBytes(string field) => Take(ReadRawVarint(field), field);

    private ReadOnlySpan<byte> Take(ulong length, string field)
    {
        int rest = _data.Length - _position;
        if (length > (ulong)rest)
        {
            string value = string.Create(CultureInfo.InvariantCulture, $"{length:N0} bytes");
            string limit = string.Create(CultureInfo.InvariantCulture, $"{rest:N0} bytes are left: the file is cut off or damaged");
            throw Fault($"{field}, length", value, limit);
        }

        ReadOnlySpan<byte> bytes = _data.Slice(_position, (int)length);
        _position += (int)length;
        return bytes;
    }

    /// <summary>Reads an integer of at most ten bytes, each of which contains seven bits; the lowest bits come first.</summary>
    private ulong ReadRawVarint(string field)
    {
        ulong value = 0;
        for (int shift = 0; shift < 70; shift += 7)
        {
            if (_position == _data.Length)
                throw Fault(field, "cut off", "the last byte of a number is missing: the file is cut off or damaged");
            byte next = _data[_position++];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
                return value;
        }

        throw Fault(field, "more than ten bytes", "a number may have at most ten bytes: the file is damaged");
    }
}
