using System.Buffers.Binary;
using System.Text;
using static System.FormattableString;

namespace Llama2.Formats;

/// <summary>
/// Reads little-endian fields one after the other through a window of 64 KiB, and never past the end of the file: each length is compared
/// with the bytes left before anything is allocated for it. Not thread-safe.
/// </summary>
internal sealed class BoundedReader
{
    /// <summary>Most bytes that <see cref="Take"/> gives at once.</summary>
    public const int WindowByteSize = 64 * 1024;

    /// <summary>The longest string that is read; the longest real one, a chat template, has some 10 KiB.</summary>
    public const int MaxStringByteSize = 64 * 1024 * 1024;

    private readonly IByteSource _source;
    private readonly byte[] _window;
    private long _windowStart;
    private int _windowLength;

    public BoundedReader(IByteSource source)
    {
        _source = source;
        _window = new byte[Math.Min(source.Length, WindowByteSize)];
    }

    /// <summary>The file as the caller named it.</summary>
    public string Path => _source.Path;

    /// <summary>Bytes read so far, which is the file offset of the next field.</summary>
    public long Position { get; private set; }

    /// <summary>Bytes between <see cref="Position"/> and the end of the file.</summary>
    public long BytesLeft => _source.Length - Position;

    public byte ReadByte(string field) => Take(1, field)[0];

    public uint ReadUInt32(string field) => BinaryPrimitives.ReadUInt32LittleEndian(Take(4, field));

    public ulong ReadUInt64(string field) => BinaryPrimitives.ReadUInt64LittleEndian(Take(8, field));

    /// <summary>
    /// Reads a string: eight bytes of length, then UTF-8. Bytes that are no UTF-8 become U+FFFD, since the texts of tokens may hold any.
    /// </summary>
    public string ReadString(string field, int maxByteSize = MaxStringByteSize)
    {
        long start = Position;
        ulong byteSize = ReadUInt64(field);
        if (byteSize > (ulong)maxByteSize)
            throw Fault(start, field, Invariant($"a string of {byteSize:N0} bytes"), Invariant($"at most {maxByteSize:N0} are allowed"));
        if (byteSize > (ulong)BytesLeft)
            throw CutShort(start, field, Invariant($"a string of {byteSize:N0} bytes"));

        if (byteSize <= WindowByteSize)
            return Encoding.UTF8.GetString(Take((int)byteSize, field));

        byte[] bytes = new byte[byteSize];
        _source.Read(Position, bytes);
        Position += bytes.Length;
        return Encoding.UTF8.GetString(bytes);
    }

    /// <summary>The next <paramref name="byteCount"/> bytes, at most <see cref="WindowByteSize"/>; good until the next read.</summary>
    public ReadOnlySpan<byte> Take(int byteCount, string field)
    {
        if (byteCount > BytesLeft)
            throw CutShort(Position, field, Invariant($"a value of {byteCount:N0} bytes"));

        if (Position < _windowStart || Position + byteCount > _windowStart + _windowLength)
        {
            _windowStart = Position;
            _windowLength = (int)Math.Min(BytesLeft, _window.Length);
            _source.Read(_windowStart, _window.AsSpan(0, _windowLength));
        }

        ReadOnlySpan<byte> bytes = _window.AsSpan((int)(Position - _windowStart), byteCount);
        Position += byteCount;
        return bytes;
    }

    /// <summary>Composes the exception for a field that would need more bytes than are left.</summary>
    public ModelFormatException CutShort(long offset, string field, string value) =>
        Fault(offset, field, value, Invariant($"the file has {BytesLeft:N0} bytes left: it is cut short or malformed; download it again"));

    /// <summary>Composes the exception for a field of this file.</summary>
    public ModelFormatException Fault(long offset, string field, string value, string limit) => new(Path, offset, field, value, limit);
}
