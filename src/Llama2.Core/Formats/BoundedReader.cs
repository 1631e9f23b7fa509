using System.Buffers.Binary;
using System.Text;
using static System.FormattableString;

namespace Llama2.Formats;

/// <summary>
/// Reads little-endian fields one after the other through a window of 64 KiB. It never reads past the end of the file: each length is compared with
/// the number of remaining bytes before memory is allocated for it. Not thread-safe.
/// </summary>
internal sealed class BoundedReader
{
    /// <summary>The maximum number of bytes that <see cref="Take"/> returns at once.</summary>
    public const int WindowByteSize = 64 * 1024;

    /// <summary>The maximum size of a string in bytes; the longest string in published models, a chat template, is about 10 KiB long.</summary>
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

    /// <summary>The path of the file, as the caller gave it.</summary>
    public string Path => _source.Path;

    /// <summary>The number of bytes read so far, which is the file offset of the next field.</summary>
    public long Position { get; private set; }

    /// <summary>The number of bytes between <see cref="Position"/> and the end of the file.</summary>
    public long BytesLeft => _source.Length - Position;

    public byte ReadByte(string field) => Take(1, field)[0];

    public uint ReadUInt32(string field) => BinaryPrimitives.ReadUInt32LittleEndian(Take(4, field));

    public ulong ReadUInt64(string field) => BinaryPrimitives.ReadUInt64LittleEndian(Take(8, field));

    /// <summary>
    /// Reads a string: its length in eight bytes, then its text in UTF-8. Invalid UTF-8 becomes U+FFFD and is not refused, because the texts of
    /// tokens may contain any bytes.
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

    /// <summary>
    /// Returns the next <paramref name="byteCount"/> bytes, which are valid until the next read. The count must be at most
    /// <see cref="WindowByteSize"/>.
    /// </summary>
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

    /// <summary>Creates the exception for a field that needs more bytes than remain.</summary>
    public ModelFormatException CutShort(long offset, string field, string value) =>
        Fault(offset, field, value, Invariant($"the file has {BytesLeft:N0} bytes left: it is cut short or malformed; download it again"));

    /// <summary>Creates the exception for a field of this file.</summary>
    public ModelFormatException Fault(long? offset, string field, string value, string limit) => new(Path, offset, field, value, limit);
}
