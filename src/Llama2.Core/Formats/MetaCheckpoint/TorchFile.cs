using System.Text;
using Llama2.Quantization;
using static System.FormattableString;

namespace Llama2.Formats.MetaCheckpoint;

/// <summary>
/// One file of torch.save: a ZIP archive with a pickle, <c>data.pkl</c>, that describes tensors, and an entry below <c>data/</c> for each
/// storage. Opening it checks all of it but the weights. Thread-safe.
/// </summary>
internal sealed class TorchFile : IDisposable
{
    private const string PickleName = "/data.pkl";
    private const int MaxPickleByteSize = 4 << 20;
    private const long MaxLength = int.MaxValue;

    private readonly Dictionary<string, ZipEntry> _entries;
    private readonly string _archiveName;

    private TorchFile(IByteSource source)
    {
        Source = source;
        RefuseOtherFormats();
        _entries = StoredZip.Read(source);
        ZipEntry pickle = FindPickle();
        _archiveName = pickle.Name[..^PickleName.Length];
        CheckByteOrder();
        Tensors = ReadTensors(pickle);
    }

    public IByteSource Source { get; }

    /// <summary>The tensors by their names, in the pickle's order.</summary>
    public OrderedDictionary<string, TorchMatrix> Tensors { get; }

    /// <summary>Opens a file; owns the source from here on, and disposes it if opening fails.</summary>
    /// <exception cref="ModelFormatException">The file is malformed, or not of tensors only.</exception>
    public static TorchFile Open(IByteSource source)
    {
        try
        {
            return new TorchFile(source);
        }
        catch
        {
            source.Dispose();
            throw;
        }
    }

    public void Dispose() => Source.Dispose();

    private void RefuseOtherFormats()
    {
        Span<byte> start = stackalloc byte[(int)Math.Min(Source.Length, 16)];
        Source.Read(0, start);
        if (start.StartsWith("PK\u0003\u0004"u8))
            return;

        // A pickle of 0x1950a86a20f9469cfc6c, torch.save's magic number before it wrote archives.
        bool isLegacy = start.IndexOf((ReadOnlySpan<byte>)[0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19]) >= 0;
        throw Fault(0, "format", $"bytes {Convert.ToHexString(start)}", isLegacy
            ? "this is PyTorch's format before 1.6; load it in a current PyTorch and save it again"
            : start.StartsWith("vers"u8) ? "this is perhaps a Git LFS pointer instead of the model; fetch the model with 'git lfs pull'"
            : "a file of torch.save begins with 'PK'; download it again");
    }

    private ZipEntry FindPickle()
    {
        ZipEntry[] pickles = [.. _entries.Values.Where(entry => entry.Name.IndexOf('/') == entry.Name.Length - PickleName.Length && entry.Name.EndsWith(PickleName, StringComparison.Ordinal))];
        if (pickles is not [ZipEntry pickle])
            throw Fault(-1, "number of pickles", $"{pickles.Length}", "an archive of torch.save has one data.pkl, in its only folder");
        return pickle.Length <= MaxPickleByteSize
            ? pickle
            : throw Fault(pickle.Offset, "size of data.pkl", Invariant($"{pickle.Length:N0} bytes"), Invariant($"at most {MaxPickleByteSize:N0} are allowed; it describes tensors and holds none"));
    }

    private void CheckByteOrder()
    {
        if (_entries.TryGetValue(_archiveName + "/byteorder", out ZipEntry? entry) && Encoding.Latin1.GetString(ReadEntry(entry, 16)) is var order and not "little")
            throw Fault(entry.Offset, "byte order", $"'{order}'", "only little-endian files are read; save the model again on another machine");
    }

    private byte[] ReadEntry(ZipEntry entry, int maxByteSize)
    {
        byte[] bytes = new byte[Math.Min(entry.Length, maxByteSize)];
        Source.Read(entry.Offset, bytes);
        return bytes;
    }

    private OrderedDictionary<string, TorchMatrix> ReadTensors(ZipEntry pickle)
    {
        if (PickleReader.Read(ReadEntry(pickle, MaxPickleByteSize), Source.Path, pickle.Offset) is not PickleDictionary dictionary)
            throw Fault(pickle.Offset, "pickle", "of no dictionary", "a checkpoint is a dictionary of tensors");

        var tensors = new OrderedDictionary<string, TorchMatrix>(dictionary.Count, StringComparer.Ordinal);
        foreach ((string name, object? value) in dictionary)
        {
            if (value is not TorchTensor tensor)
                throw Fault(pickle.Offset, $"entry '{name}' of the checkpoint", "no tensor", "a checkpoint of Meta's holds tensors only; save the model's state alone");
            tensors.Add(name, Place(name, tensor));
        }

        return tensors;
    }

    private TorchMatrix Place(string name, TorchTensor tensor)
    {
        TorchStorage storage = tensor.Storage;
        if (!_entries.TryGetValue($"{_archiveName}/data/{storage.Key}", out ZipEntry? entry))
            throw Fault(tensor.FileOffset, $"storage of '{name}'", $"'{storage.Key}'", "the archive has no such entry");

        int elementByteSize = GgmlTypes.BlockByteSize(storage.Type);
        if (storage.ElementCount > entry.Length / elementByteSize)
            throw Fault(tensor.FileOffset, $"storage of '{name}'", Invariant($"{storage.ElementCount:N0} numbers"), Invariant($"its entry has {entry.Length:N0} bytes: the file is malformed"));

        (long rowCount, long rowLength, long rowStride) = ReadShape(name, tensor);

        // Each factor is below 2^31 and the offset below 2^63, so 128 bits hold the end.
        Int128 end = (Int128)tensor.ElementOffset + (Int128)(rowCount - 1) * rowStride + rowLength;
        if (tensor.ElementOffset < 0 || end > storage.ElementCount)
            throw Fault(tensor.FileOffset, $"end of '{name}'", Invariant($"number {end:N0}"), Invariant($"its storage has {storage.ElementCount:N0} numbers: the file is malformed"));

        return new TorchMatrix(
            storage.Type, tensor.Shape.Length, rowCount, rowLength, entry.Offset + tensor.ElementOffset * elementByteSize, rowStride * elementByteSize);
    }

    private (long RowCount, long RowLength, long RowStride) ReadShape(string name, TorchTensor tensor)
    {
        (long[] shape, long[] strides) = (tensor.Shape, tensor.Strides);
        if (shape.Length is not (1 or 2) || strides.Length != shape.Length || shape.Any(length => length is < 1 or > MaxLength))
            throw Fault(tensor.FileOffset, $"shape of '{name}'", $"[{string.Join(", ", shape)}]", "a weight has one or two dimensions of at least 1, and a stride for each");

        (long rowCount, long rowLength) = shape.Length == 1 ? (1, shape[0]) : (shape[0], shape[1]);
        if (rowLength > 1 && strides[^1] != 1)
            throw Fault(tensor.FileOffset, $"strides of '{name}'", $"[{string.Join(", ", strides)}]", "the numbers of a row must be neighbours, and this tensor is a transposed view; save weight.contiguous()");

        // The stride of a single row has no meaning.
        long rowStride = rowCount == 1 ? rowLength : strides[0];
        return rowStride >= rowLength && rowStride <= MaxLength
            ? (rowCount, rowLength, rowStride)
            : throw Fault(tensor.FileOffset, $"strides of '{name}'", $"[{string.Join(", ", strides)}]", Invariant($"rows of {rowLength:N0} numbers must not overlap; save weight.contiguous()"));
    }

    private ModelFormatException Fault(long offset, string field, string value, string limit) => new(Source.Path, offset, field, value, limit);
}
