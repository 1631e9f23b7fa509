using System.Buffers.Binary;
using static System.FormattableString;

namespace Llama2.Formats.SafeTensors;

/// <summary>
/// A safetensors file (github.com/huggingface/safetensors). Opening it reads and checks the whole header, as strictly as the reference
/// implementation. Thread-safe.
/// </summary>
internal sealed class SafeTensorsFile : IDisposable
{
    // bytes 0-7 header length (ulong) | header: {"name":{"dtype":…,"shape":[…],"data_offsets":[begin,end]},…} in JSON, perhaps blanks | data

    /// <summary>Bytes from which <see cref="HasStart"/> tells.</summary>
    public const int StartByteSize = LengthByteSize + 1;

    /// <summary>The longest header, by the reference implementation.</summary>
    public const int MaxHeaderByteSize = 100_000_000;

    private const int LengthByteSize = 8;

    private SafeTensorsFile(IByteSource source)
    {
        Source = source;
        byte[] header = ReadHeader(source);
        Entries = new SafeTensorsHeader(source.Path, header, LengthByteSize, source.Length).Read();
    }

    /// <summary>Where the tensors' bytes are read.</summary>
    public IByteSource Source { get; }

    /// <summary>The tensors in the order of their bytes.</summary>
    public IReadOnlyList<SafeTensorsEntry> Entries { get; }

    /// <summary>True if a file may be safetensors that begins with these bytes: a possible length, and the brace of an object.</summary>
    public static bool HasStart(ReadOnlySpan<byte> start) =>
        start.Length >= StartByteSize && BinaryPrimitives.ReadUInt64LittleEndian(start) <= MaxHeaderByteSize && start[LengthByteSize] == '{';

    /// <summary>Opens the file whose bytes a source gives; owns the source from here on, and disposes it if opening fails.</summary>
    /// <exception cref="ModelFormatException">The file is malformed.</exception>
    public static SafeTensorsFile Open(IByteSource source)
    {
        try
        {
            return new SafeTensorsFile(source);
        }
        catch
        {
            source.Dispose();
            throw;
        }
    }

    public void Dispose() => Source.Dispose();

    private static byte[] ReadHeader(IByteSource source)
    {
        var reader = new BoundedReader(source);
        ulong length = reader.ReadUInt64("header length");
        if (length > MaxHeaderByteSize)
            throw reader.Fault(0, "header length", Invariant($"{length:N0}"), Invariant($"at most {MaxHeaderByteSize:N0} are allowed; the file is no safetensors file, or damaged"));
        if (length > (ulong)reader.BytesLeft)
            throw reader.CutShort(0, "header length", Invariant($"{length:N0}"));

        byte[] header = new byte[length];
        source.Read(LengthByteSize, header);
        return header is [(byte)'{', ..]
            ? header
            : throw reader.Fault(LengthByteSize, "header", header.Length == 0 ? "empty" : Invariant($"byte {header[0]}"), "it begins with '{'; the file is no safetensors file, or damaged");
    }
}
