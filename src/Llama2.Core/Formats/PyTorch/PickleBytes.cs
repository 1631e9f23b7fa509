using System.Buffers.Binary;
using System.Text;
using static System.FormattableString;

namespace Llama2.Formats.PyTorch;

/// <summary>Reads the arguments of opcodes from a pickle in memory, never past its end.</summary>
/// <param name="pickle">The bytes of one pickle, or of several consecutive pickles.</param>
/// <param name="path">The file, for error messages.</param>
/// <param name="origin">The file offset of the first byte.</param>
internal sealed class PickleBytes(byte[] pickle, string path, long origin)
{
    private const int MaxStringByteSize = 1_024;
    private const int MaxLineByteSize = 256;

    private static readonly UTF8Encoding _strictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private int _position;
    private int _opcodeStart;

    /// <summary>The file offset of the opcode that was read last.</summary>
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

    /// <summary>
    /// Reads an integer in two's complement from the given number of bytes. More than eight bytes are refused, because eight are enough for every
    /// size and offset.
    /// </summary>
    public long ReadInteger(int byteCount)
    {
        if (byteCount is < 0 or > sizeof(long))
            throw Fault("integer", Invariant($"{byteCount:N0} bytes long"), "at most 8 are allowed, which is enough for every size and offset");
        ReadOnlySpan<byte> bytes = Take(byteCount);
        long value = byteCount > 0 && bytes[^1] >= 0x80 ? -1 : 0;
        for (int i = byteCount - 1; i >= 0; i--)
            value = (value << 8) | bytes[i];
        return value;
    }

    /// <summary>Reads UTF-8 text of the given number of bytes: the name of a tensor or a storage.</summary>
    public string ReadString(long byteCount)
    {
        if (byteCount is < 0 or > MaxStringByteSize)
            throw Fault("string", Invariant($"{byteCount:N0} bytes long"), Invariant($"names may have at most {MaxStringByteSize:N0}"));
        return Text(Take((int)byteCount));
    }

    /// <summary>Reads text up to and including a line feed, which is not returned.</summary>
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

    // Names appear in error messages, which must not contain control characters that a terminal would execute.
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
            // The exception below states the invalid bytes.
        }

        throw Fault("string", $"bytes {Convert.ToHexString(bytes[..Math.Min(bytes.Length, 32)])}", "names must be UTF-8 without control characters");
    }
}
