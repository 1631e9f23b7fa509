using System.Numerics;

namespace Llama2.Evaluation.Data.Parquet;

/// <summary>
/// Reads Thrift's compact protocol (github.com/apache/thrift, doc/specs/thrift-compact-protocol.md), in which Parquet's footer and page headers are
/// written. Every length is checked against the bytes that are left. A <see cref="FormatException"/> says what is malformed.
/// </summary>
/// <param name="bytes">The bytes.</param>
internal ref struct CompactReader(ReadOnlySpan<byte> bytes)
{
    private const int MaxDepth = 32;
    private readonly ReadOnlySpan<byte> _bytes = bytes;

    /// <summary>The number of bytes that have been read.</summary>
    public int Position { get; private set; }

    /// <summary>Reads the header of the next field of a structure.</summary>
    /// <param name="id">Before the call, the number of the last field, or 0; after the call, the number of the field.</param>
    /// <param name="type">The type of its value.</param>
    /// <returns>False at the end of the structure.</returns>
    public bool TryReadField(ref int id, out CompactType type)
    {
        byte header = ReadByte();
        type = (CompactType)(header & 0x0F);
        if (type == CompactType.Stop)
            return false;
        id = header >> 4 is > 0 and var difference ? id + difference : (int)ReadInteger();
        return true;
    }

    /// <summary>Reads a whole number of 16, 32 or 64 bits in zigzag form.</summary>
    public long ReadInteger()
    {
        ulong value = ReadUnsigned();
        return (long)(value >> 1) ^ -(long)(value & 1);
    }

    /// <summary>Reads a whole number that must be an int of at least 0, such as a size.</summary>
    public int ReadCount() => ReadInteger() is >= 0 and <= int.MaxValue and var value ? (int)value : throw new FormatException("a size in its metadata is out of range");

    public ReadOnlySpan<byte> ReadBinary()
    {
        ulong length = ReadUnsigned();
        if (length > (ulong)(_bytes.Length - Position))
            throw Truncated();
        ReadOnlySpan<byte> value = _bytes.Slice(Position, (int)length);
        Position += (int)length;
        return value;
    }

    /// <summary>Reads the header of a list. Each item takes at least one byte, so the number of items is at most the number of bytes that are left.</summary>
    public int ReadListHeader(out CompactType itemType)
    {
        byte header = ReadByte();
        itemType = (CompactType)(header & 0x0F);
        ulong count = header >> 4 is 15 ? ReadUnsigned() : (ulong)(header >> 4);
        return count <= (ulong)(_bytes.Length - Position) ? (int)count : throw Truncated();
    }

    /// <summary>Skips the value of a field.</summary>
    public void Skip(CompactType type) => Skip(type, isItem: false, depth: 0);

    private void Skip(CompactType type, bool isItem, int depth)
    {
        if (depth > MaxDepth)
            throw new FormatException("its metadata is nested too deeply");
        switch (type)
        {
            case CompactType.True or CompactType.False:
                // In a list, a truth value takes a byte of its own; in a field, it is the type.
                Advance(isItem ? 1 : 0);
                break;
            case CompactType.Byte:
                Advance(1);
                break;
            case CompactType.Int16 or CompactType.Int32 or CompactType.Int64:
                ReadUnsigned();
                break;
            case CompactType.Double:
                Advance(8);
                break;
            case CompactType.Binary:
                ReadBinary();
                break;
            case CompactType.List or CompactType.Set:
                for (int left = ReadListHeader(out CompactType itemType); left > 0; left--)
                    Skip(itemType, isItem: true, depth + 1);
                break;
            case CompactType.Structure:
                int id = 0;
                while (TryReadField(ref id, out CompactType fieldType))
                    Skip(fieldType, isItem: false, depth + 1);
                break;
            default:
                throw new FormatException("its metadata has a value of an unknown type");
        }
    }

    private ulong ReadUnsigned()
    {
        ulong value = 0;
        for (int shift = 0; shift < 64; shift += 7)
        {
            byte next = ReadByte();
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
                return shift < 63 || BitOperations.LeadingZeroCount((uint)next) >= 31 ? value : throw new FormatException("a number in its metadata is too large");
        }

        throw new FormatException("a number in its metadata is too long");
    }

    private byte ReadByte()
    {
        Advance(1);
        return _bytes[Position - 1];
    }

    private void Advance(int count) => Position = count <= _bytes.Length - Position ? Position + count : throw Truncated();

    private static FormatException Truncated() => new("its metadata is cut off");
}
