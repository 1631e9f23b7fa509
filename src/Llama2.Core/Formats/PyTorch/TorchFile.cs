using Llama2.Quantization;
using static System.FormattableString;

namespace Llama2.Formats.PyTorch;

/// <summary>
/// A file that torch.save wrote and that contains tensors by name, such as <c>consolidated.00.pth</c>, <c>pytorch_model.bin</c> or
/// <c>adapter_model.bin</c>. Opening it checks everything except the values of the weights, and executes no Python code. Thread-safe.
/// </summary>
internal sealed class TorchFile : IDisposable
{
    /// <summary>The number of bytes that <see cref="HasStart"/> needs.</summary>
    public const int StartByteSize = StackedPickles.StartByteSize;

    private const int TarMagicOffset = 257;
    private const long MaxRowCount = int.MaxValue, MaxRowLength = 1 << 27;

    private readonly TorchContent _content;

    private TorchFile(IByteSource source, Predicate<string>? isIgnored)
    {
        Source = source;
        _content = ReadContainer();
        Tensors = PlaceAll(StateDictionary.Find(_content.Value, Fault), isIgnored);
    }

    public IByteSource Source { get; }

    /// <summary>The tensors by their names, in the pickle's order.</summary>
    public OrderedDictionary<string, TorchMatrix> Tensors { get; }

    /// <summary>Whether a file begins like one that torch.save wrote; also true for any other ZIP archive.</summary>
    public static bool HasStart(ReadOnlySpan<byte> start) => ZipCheckpoint.HasStart(start) || StackedPickles.HasStart(start);

    /// <summary>Opens a file. Takes ownership of the source, and disposes it if opening fails.</summary>
    /// <param name="source">The file's bytes.</param>
    /// <param name="isIgnored">Selects the names of tensors that are skipped without checks; null skips none.</param>
    /// <exception cref="ModelFormatException">The file is malformed, or contains anything except tensors.</exception>
    public static TorchFile Open(IByteSource source, Predicate<string>? isIgnored = null)
    {
        try
        {
            return new TorchFile(source, isIgnored);
        }
        catch
        {
            source.Dispose();
            throw;
        }
    }

    public void Dispose() => Source.Dispose();

    private TorchContent ReadContainer()
    {
        Span<byte> start = stackalloc byte[(int)Math.Min(Source.Length, TarMagicOffset + 5)];
        Source.Read(0, start);
        if (ZipCheckpoint.HasStart(start))
            return ZipCheckpoint.Read(Source);
        if (StackedPickles.HasStart(start))
            return StackedPickles.Read(Source);

        throw Fault(0, "format", $"bytes {Convert.ToHexString(start[..Math.Min(start.Length, 16)])}",
            start.EndsWith("ustar"u8) ? "this is a TAR archive, which PyTorch wrote before 0.1.12; load it in PyTorch and save it again"
            : start.StartsWith("vers"u8) ? "this is perhaps a Git LFS pointer instead of the model; fetch the model with 'git lfs pull'"
            : "a file of torch.save must begin with 'PK', or, if PyTorch before 1.6 wrote it, with a pickle of PyTorch's magic number; download it again");
    }

    private OrderedDictionary<string, TorchMatrix> PlaceAll(PickleDictionary state, Predicate<string>? isIgnored)
    {
        if (state.Count == 0)
            throw Fault(_content.PickleOffset, "number of tensors", "0", "a checkpoint must contain at least one; save the model's state_dict()");
        var tensors = new OrderedDictionary<string, TorchMatrix>(state.Count, StringComparer.Ordinal);
        Int128 byteSize = 0;
        foreach ((string name, object? value) in state)
        {
            if (value is not TorchTensor tensor)
                throw Fault(_content.PickleOffset, $"entry '{name}' of the checkpoint", "not a tensor", "a checkpoint may contain only named tensors; save the model's state_dict() alone");
            if (isIgnored?.Invoke(name) == true)
                continue;

            TorchMatrix matrix = Place(name, tensor);
            byteSize += (Int128)matrix.RowByteSize * matrix.RowCount;
            tensors.Add(name, matrix);
        }

        // Two tensors may share a storage, as tied embeddings do. If more tensors could share one, a small file could claim any number of weights.
        return byteSize <= (Int128)2 * Source.Length
            ? tensors
            : throw Fault(_content.PickleOffset, "size of all tensors", Invariant($"{byteSize:N0} bytes"), Invariant($"the file has {Source.Length:N0}, and each number may belong to at most two tensors: the file is malformed"));
    }

    private TorchMatrix Place(string name, TorchTensor tensor)
    {
        TorchStorage storage = tensor.Storage;
        if (!_content.Storages.TryGetValue(storage.Key, out ByteRange place))
            throw Fault(tensor.FileOffset, $"storage of '{name}'", $"'{storage.Key}'", "the file has no such storage");

        int elementByteSize = GgmlTypes.BlockByteSize(storage.Type);
        if (storage.ElementCount > place.Length / elementByteSize)
            throw Fault(tensor.FileOffset, $"storage of '{name}'", Invariant($"{storage.ElementCount:N0} numbers"), Invariant($"the file has {place.Length:N0} bytes for it and is malformed"));

        (long rowCount, long rowLength, long rowStride, long columnStride) = ReadShape(name, tensor);

        // Each length and each stride is below 2^31, and the offset is below 2^63, so the end fits in 128 bits.
        Int128 end = (Int128)tensor.ElementOffset + (Int128)(rowCount - 1) * rowStride + (Int128)(rowLength - 1) * columnStride + 1;
        if (tensor.ElementOffset < 0 || end > storage.ElementCount)
            throw Fault(tensor.FileOffset, $"end of '{name}'", Invariant($"number {end:N0}"), Invariant($"its storage has {storage.ElementCount:N0} numbers: the file is malformed"));

        return new TorchMatrix(
            storage.Type, tensor.Shape.Length, rowCount, rowLength,
            place.Offset + tensor.ElementOffset * elementByteSize, rowStride * elementByteSize, columnStride * elementByteSize, tensor.FileOffset);
    }

    private (long RowCount, long RowLength, long RowStride, long ColumnStride) ReadShape(string name, TorchTensor tensor)
    {
        (long[] shape, long[] strides) = (tensor.Shape, tensor.Strides);
        if (shape.Length is not (1 or 2) || strides.Length != shape.Length || shape.Any(length => length is < 1 or > MaxRowCount) || shape[^1] > MaxRowLength)
            throw Fault(tensor.FileOffset, $"shape of '{name}'", $"[{string.Join(", ", shape)}]", Invariant($"a weight must have one or two dimensions of at least 1, and a stride for each; a row may have at most {MaxRowLength:N0} numbers"));

        // The stride of a dimension of length 1 has no meaning, so it is replaced by the stride that contiguous numbers would have.
        (long rowCount, long rowLength) = shape.Length == 1 ? (1, shape[0]) : (shape[0], shape[1]);
        long columnStride = rowLength == 1 ? 1 : strides[^1], rowStride = rowCount == 1 ? Math.Max(1, columnStride) * rowLength : strides[0];

        // Either the rows follow one another without overlap, or, in a transposed tensor, the columns do.
        bool isInRange = columnStride is >= 1 and <= int.MaxValue && rowStride >= 1 && (rowStride <= int.MaxValue || rowCount == 1);
        return isInRange && (rowStride > (rowLength - 1) * columnStride || columnStride > (rowCount - 1) * rowStride)
            ? (rowCount, rowLength, rowStride, columnStride)
            : throw Fault(tensor.FileOffset, $"strides of '{name}'", $"[{string.Join(", ", strides)}]", Invariant($"{rowCount:N0} rows of {rowLength:N0} numbers must not overlap; save weight.contiguous()"));
    }

    private ModelFormatException Fault(long? offset, string field, string value, string limit) => new(Source.Path, offset, field, value, limit);
}
