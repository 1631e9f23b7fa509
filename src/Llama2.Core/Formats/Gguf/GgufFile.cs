using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Text;
using Llama2.Architectures;
using static System.FormattableString;

namespace Llama2.Formats.Gguf;

/// <summary>
/// A GGUF file of version 2 or 3, little-endian (github.com/ggml-org/ggml, docs/gguf.md). Opening it reads and checks the metadata and the table of
/// tensors; weights are read on demand. Thread-safe.
/// </summary>
internal sealed class GgufFile : IModelFile
{
    // bytes 0-3 "GGUF" | 4-7 version | 8-15 tensor count | 16-23 metadata count | key-value pairs | table of tensors | padding | data
    private const int DefaultAlignment = 32;
    private const int MinAlignment = 8;
    private const int MaxAlignment = 65_536;

    private readonly IByteSource _source;
    private readonly GgufMetadataTable _metadata;
    private readonly TensorTable _tensors;

    private GgufFile(IByteSource source)
    {
        _source = source;
        var reader = new BoundedReader(source);
        FormatName = $"GGUF v{ReadVersion(reader)}";
        int tensorCount = ReadCount(reader, "tensor count", GgufTensorTable.MinEntryByteSize, GgufTensorTable.MaxCount);
        int metadataCount = ReadCount(reader, "metadata count", GgufMetadataTable.MinEntryByteSize, GgufMetadataTable.MaxCount);
        _metadata = new GgufMetadataTable(reader, metadataCount);
        _tensors = new TensorTable(source.Path, GgufTensorTable.Read(reader, tensorCount, Alignment()));
    }

    public string Path => _source.Path;

    public string FormatName { get; }

    public long ByteSize => _source.Length;

    public DateTime? LastWriteTimeUtc => _source.LastWriteTimeUtc;

    public IReadOnlyDictionary<string, object> Metadata => _metadata.Values;

    public IReadOnlyList<TensorDescription> Tensors => _tensors.All;

    /// <summary>True if a file that begins with these bytes is a GGUF file of any version.</summary>
    public static bool HasMagic(ReadOnlySpan<byte> start) => start.StartsWith("GGUF"u8);

    /// <summary>Opens a file and checks everything in it except the values of the weights.</summary>
    /// <param name="path">The file.</param>
    /// <param name="memoryMapped">True to map the file into memory instead of reading it; <see cref="Memory.MappedFile"/> describes the risk.</param>
    /// <exception cref="ModelFormatException">
    /// The file is not GGUF, is malformed, or is of a version or byte order that this library does not read.
    /// </exception>
    /// <exception cref="IOException">The file cannot be opened or read.</exception>
    public static GgufFile Open(string path, bool memoryMapped = false) =>
        Open(ByteSources.Open(path, memoryMapped));

    /// <summary>Opens the file whose bytes a source returns. Takes ownership of the source, and disposes it if opening fails.</summary>
    public static GgufFile Open(IByteSource source)
    {
        try
        {
            return new GgufFile(source);
        }
        catch
        {
            source.Dispose();
            throw;
        }
    }

    public bool TryGetTensor(string name, [NotNullWhen(true)] out TensorDescription? tensor) =>
        _tensors.TryGet(name, out tensor);

    public long? MetadataOffset(string key) => _metadata.Offsets.TryGetValue(key, out long offset) ? offset : null;

    public void Read(TensorDescription tensor, long byteOffset, Span<byte> destination)
    {
        _tensors.CheckRead(tensor, byteOffset, destination.Length);
        _source.Read(tensor.Offset + byteOffset, destination);
    }

    public void Dispose() => _source.Dispose();

    private static uint ReadVersion(BoundedReader reader)
    {
        ReadOnlySpan<byte> magic = reader.Take(4, "magic");
        if (!HasMagic(magic))
            throw reader.Fault(0, "magic", Printable(magic), Recognize(magic));

        uint version = reader.ReadUInt32("version");
        if (version is 2 or 3)
            return version;

        uint swapped = BinaryPrimitives.ReverseEndianness(version);
        if (swapped is >= 1 and <= 0xFFFF)
        {
            throw reader.Fault(
                4, "version", $"{swapped} in big-endian order",
                "only little-endian files are read; convert it with gguf_convert_endian.py of llama.cpp");
        }

        throw reader.Fault(4, "version", $"{version}", version < 2
            ? "only versions 2 and 3 are supported; convert the model again with a current converter"
            : "only versions 2 and 3 are supported; the file is malformed or newer than this library");
    }

    private static string Recognize(ReadOnlySpan<byte> magic)
    {
        const string ConvertAgain = "which GGUF replaced in 2023; use the model in GGUF, or convert it from its original weights";
        return Encoding.Latin1.GetString(magic) switch
        {
            "lmgg" => $"this is a file of the GGML format, {ConvertAgain}",
            "fmgg" => $"this is a file of the GGMF format, {ConvertAgain}",
            "tjgg" => $"this is a file of the GGJT format, {ConvertAgain}",
            "algg" => $"this is an adapter of the GGLA format, {ConvertAgain}",
            "FUGG" => "this is a file in big-endian order; only little-endian files are read",
            "PK\u0003\u0004" => "this is a ZIP archive, perhaps a PyTorch checkpoint; use the model in GGUF",
            "vers" => "this is perhaps a Git LFS pointer instead of the model; fetch the model with 'git lfs pull'",
            "<!DO" or "<!do" or "<htm" => "this is a web page instead of the model; download the model again",
            _ => "a GGUF file must begin with 'GGUF'",
        };
    }

    private static string Printable(ReadOnlySpan<byte> magic)
    {
        string text = Encoding.Latin1.GetString(magic);
        return text.All(static c => c is >= ' ' and <= '~') ? $"'{text}'" : $"bytes {Convert.ToHexString(magic)}";
    }

    private static int ReadCount(BoundedReader reader, string field, int minEntryByteSize, int maxCount)
    {
        ulong count = reader.ReadUInt64(field);
        if (count > (ulong)maxCount)
            throw reader.Fault(reader.Position - 8, field, Invariant($"{count:N0}"), Invariant($"at most {maxCount:N0} are allowed"));

        if (count > (ulong)(reader.BytesLeft / minEntryByteSize))
            throw reader.CutShort(reader.Position - 8, field, Invariant($"{count:N0}, each of at least {minEntryByteSize} bytes"));

        return (int)count;
    }

    private int Alignment()
    {
        if (!Metadata.TryGetValue(GeneralKeys.Alignment, out object? value))
            return DefaultAlignment;

        if (value is not uint alignment)
            throw AlignmentFault($"of type {value.GetType().Name}", "it must be an unsigned 32-bit integer");

        return alignment is >= MinAlignment and <= MaxAlignment && BitOperations.IsPow2(alignment)
            ? (int)alignment
            : throw AlignmentFault($"{alignment}", $"it must be a power of two, {MinAlignment} … {MaxAlignment}");
    }

    private ModelFormatException AlignmentFault(string value, string limit) =>
        new(Path, MetadataOffset(GeneralKeys.Alignment), GeneralKeys.Alignment, value, limit);
}
