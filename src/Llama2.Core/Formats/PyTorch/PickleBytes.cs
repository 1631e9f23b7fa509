using System.Buffers.Binary;
using System.Text;
using static System.FormattableString;

namespace Llama2.Formats.PyTorch;

/// <summary>Reads the arguments of opcodes from a pickle in memory, never past its end.</summary>
/// <param name="pickle">The bytes of one pickle, or of several that follow each other.</param>
/// <param name="path">The file that errors name.</param>
/// <param name="origin">Where the bytes start in the file.</param>
internal sealed class PickleBytes(byte[] pickle, string path, long origin)
{
    private const int MaxStringByteSize = 1_024;
    private const int MaxLineByteSize = 256;

    private static readonly UTF8Encoding _strictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private int _position;
    private int _opcodeStart;

    /// <summary>File offset of the opcode read last.</summary>
    public long OpcodeOffset => origin + _opcodeStart;

    /// <summary>File offset of the next byte.</summary>
    public long Offset => origin + _position;

    public int BytesLeft => pickle.Length - _position;

    public PickleOpcode ReadOpcode()
    {
        _opcodeStart = _position;
        return (PickleOpcode)ReadByte();
    }

    public byte ReadByte() => Take(1)[0];

    public int ReadUInt16() => BinaryPrimitives.ReadUInt16LittleEndian(Take(2));

    public int ReadInt32() => BinaryPrimitives.ReadInt32LittleEndian(Take(4));

    public ulong ReadUInt64() => BinaryPrimitives.ReadUInt64LittleEndian(Take(8));

    public double ReadBigEndianDouble() => BinaryPrimitives.ReadDoubleBigEndian(Take(8));

    /// <summary>An integer of so many bytes in two's complement, at most eight: no size or offset has more.</summary>
    public long ReadInteger(int byteCount)
    {
        if (byteCount is < 0 or > sizeof(long))
            throw Fault("integer", Invariant($"{byteCount:N0} bytes long"), "at most 8 are allowed, which every size and offset fits");
        ReadOnlySpan<byte> bytes = Take(byteCount);
        long value = byteCount > 0 && bytes[^1] >= 0x80 ? -1 : 0;
        for (int i = byteCount - 1; i >= 0; i--)
            value = (value << 8) | bytes[i];
        return value;
    }

    /// <summary>UTF-8 of so many bytes: the name of a tensor or a storage.</summary>
    public string ReadString(long byteCount)
    {
        if (byteCount is < 0 or > MaxStringByteSize)
            throw Fault("string", Invariant($"{byteCount:N0} bytes long"), Invariant($"names have at most {MaxStringByteSize:N0}"));
        return Text(Take((int)byteCount));
    }

    /// <summary>Text up to a line feed, which is taken too.</summary>
    public string ReadLine()
    {
        ReadOnlySpan<byte> rest = pickle.AsSpan(_position, Math.Min(BytesLeft, MaxLineByteSize + 1));
        int length = rest.IndexOf((byte)'\n');
        if (length < 0)
            throw Fault("name", "not terminated", Invariant($"a line feed must end it within {MaxLineByteSize} bytes"));
        _position += length + 1;
        return Text(rest[..length]);
    }

    public ModelFormatException Fault(string field, string value, string limit) => new(path, OpcodeOffset, "pickle: " + field, value, limit);

    private ReadOnlySpan<byte> Take(int byteCount)
    {
        if (byteCount > BytesLeft)
            throw Fault("pickle", Invariant($"{byteCount - BytesLeft:N0} bytes too short"), "it is cut short; download the file again");
        _position += byteCount;
        return pickle.AsSpan(_position - byteCount, byteCount);
    }

    // Names go into messages, which must not steer a terminal.
    private string Text(ReadOnlySpan<byte> bytes)
    {
        try
        {
            string text = _strictUtf8.GetString(bytes);
            if (!text.Any(char.IsControl))
                return text;
        }
        catch (DecoderFallbackException)
        {
            // Refused below, with the bytes.
        }

        throw Fault("string", $"bytes {Convert.ToHexString(bytes[..Math.Min(bytes.Length, 32)])}", "names are UTF-8 without control characters");
    }
}
