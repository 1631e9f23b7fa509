using System.Buffers.Binary;
using static System.FormattableString;

namespace Llama2.Formats.SafeTensors;

/// <summary>
/// A safetensors file (github.com/huggingface/safetensors). Opening it reads and checks the whole header, as strictly as the reference
/// implementation. Thread-safe.
/// </summary>
internal sealed class SafeTensorsFile : IDisposable
{
    // bytes 0-7 header length (ulong) | header: {"name":{"dtype":…,"shape":[…],"data_offsets":[begin,end]},…} in JSON, perhaps with white space around it | data

    /// <summary>The number of bytes that <see cref="HasStart"/> needs.</summary>
    public const int StartByteSize = 36;

    /// <summary>The maximum size of the header, as in the reference implementation.</summary>
    public const int MaxHeaderByteSize = 100_000_000;

    private const int LengthByteSize = 8;
    private const int MaxDimensionCount = 4;

    private static ReadOnlySpan<byte> WhiteSpace => " \t\n\r"u8;

    private SafeTensorsFile(IByteSource source)
    {
        Source = source;
        byte[] header = ReadHeader(source);
        Entries = new SafeTensorsHeader(source.Path, header, LengthByteSize, source.Length).Read();
    }

    /// <summary>The source from which the tensors' bytes are read.</summary>
    public IByteSource Source { get; }

    /// <summary>The tensors in the order of their bytes.</summary>
    public IReadOnlyList<SafeTensorsEntry> Entries { get; }

    /// <summary>
    /// True if a file that begins with these bytes can be a safetensors file. The length of its header must be within the limit, and the header must
    /// begin with the opening brace of a JSON object, possibly after white space.
    /// </summary>
    public static bool HasStart(ReadOnlySpan<byte> start) =>
        start.Length > LengthByteSize && BinaryPrimitives.ReadUInt64LittleEndian(start) <= MaxHeaderByteSize
        && start[LengthByteSize..].TrimStart(WhiteSpace) is [] or [(byte)'{', ..];

    /// <summary>Reads the first bytes of a file, and checks them like <see cref="HasStart"/>.</summary>
    /// <exception cref="IOException">The file cannot be opened or read.</exception>
    public static bool IsSafeTensors(string path)
    {
        using var source = new FileByteSource(path);
        byte[] start = new byte[Math.Min(StartByteSize, source.Length)];
        source.Read(0, start);
        return HasStart(start);
    }

    /// <summary>Opens the file whose bytes a source returns. Takes ownership of the source, and disposes it if opening fails.</summary>
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

    /// <summary>Returns one of the tensors as a source of bytes, described as GGUF describes tensors.</summary>
    /// <param name="entry">An element of <see cref="Entries"/>.</param>
    /// <param name="name">The name that the returned tensor has.</param>
    /// <param name="entryOffset">
    /// The file offset that error messages state; null if they should state none, because the model has several files.
    /// </param>
    /// <exception cref="ModelFormatException">The tensor's type or shape is not supported.</exception>
    public StoredTensor CreateTensor(SafeTensorsEntry entry, string name, long? entryOffset = null)
    {
        GgmlType type = entry.DataType switch
        {
            "F32" => GgmlType.F32,
            "F16" => GgmlType.F16,
            "BF16" => GgmlType.BF16,
            _ => throw Fault(entry, "dtype", entry.DataType, "only F32, F16 and BF16 are supported"),
        };
        if (entry.Shape.Count > MaxDimensionCount || entry.Shape.Contains(0))
            throw Fault(entry, "shape", $"[{string.Join(", ", entry.Shape)}]", Invariant($"a tensor may have at most {MaxDimensionCount} dimensions, each 1 or more"));

        long[] dimensions = entry.Shape.Count == 0 ? [1] : [.. entry.Shape.Reverse()];
        return new StoredTensor(Source, new TensorDescription(name, type, dimensions, entry.Offset, entryOffset));
    }

    /// <summary>Creates the exception for a tensor that has a property with an invalid value.</summary>
    public ModelFormatException Fault(SafeTensorsEntry entry, string property, string value, string limit) =>
        new(Source.Path, entry.EntryOffset, $"{property} of '{entry.Name}'", value, limit);

    public void Dispose() => Source.Dispose();

    private static byte[] ReadHeader(IByteSource source)
    {
        var reader = new BoundedReader(source);
        ulong length = reader.ReadUInt64("header length");
        if (length > MaxHeaderByteSize)
            throw reader.Fault(0, "header length", Invariant($"{length:N0}"), Invariant($"at most {MaxHeaderByteSize:N0} are allowed; the file is not a safetensors file, or is damaged"));
        if (length > (ulong)reader.BytesLeft)
            throw reader.CutShort(0, "header length", Invariant($"{length:N0}"));

        byte[] header = new byte[length];
        source.Read(LengthByteSize, header);
        ReadOnlySpan<byte> json = header.AsSpan().TrimStart(WhiteSpace);
        return json is [(byte)'{', ..]
            ? header
            : throw reader.Fault(
                LengthByteSize + header.Length - json.Length, "header", json.Length == 0 ? "empty" : Invariant($"byte {json[0]}"), "it must begin with '{'; the file is not a safetensors file, or is damaged");
    }
}
