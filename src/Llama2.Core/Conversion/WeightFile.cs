using Llama2.Architectures;
using Llama2.Formats;
using Llama2.Formats.PyTorch;
using Llama2.Formats.SafeTensors;
using Llama2.Quantization;

namespace Llama2.Conversion;

/// <summary>A file of named weights: safetensors, or a file that torch.save wrote. Thread-safe.</summary>
internal sealed class WeightFile : IDisposable
{
    private readonly IDisposable _file;

    private WeightFile(IDisposable file, IByteSource source, string formatName, IEnumerable<NamedWeight> weights)
    {
        _file = file;
        Path = source.Path;
        ByteSize = source.Length;
        LastWriteTimeUtc = source.LastWriteTimeUtc;
        FormatName = formatName;
        Weights = [.. weights];
    }

    /// <summary>The path of the file, as the caller gave it.</summary>
    public string Path { get; }

    public long ByteSize { get; }

    /// <summary>When the file was last written to before it was opened.</summary>
    public DateTime? LastWriteTimeUtc { get; }

    /// <summary>The name of the format: <c>safetensors</c> or <c>PyTorch</c>.</summary>
    public string FormatName { get; }

    /// <summary>The tensors in the file's order.</summary>
    public IReadOnlyList<NamedWeight> Weights { get; }

    /// <summary>Whether a file begins like one that torch.save wrote. <see cref="Open"/> reads such a file in PyTorch's format.</summary>
    /// <exception cref="IOException">The file cannot be opened or read.</exception>
    public static bool IsPyTorch(string path)
    {
        using var source = new FileByteSource(path);
        return TorchFile.HasStart(ReadStart(source));
    }

    /// <summary>Opens a file; the format is detected from the content.</summary>
    /// <exception cref="ModelFormatException">The file is malformed.</exception>
    /// <exception cref="IOException">The file cannot be opened.</exception>
    public static WeightFile Open(string path, bool memoryMapped = false)
    {
        IByteSource source = ByteSources.Open(path, memoryMapped);
        try
        {
            byte[] start = ReadStart(source);
            return TorchFile.HasStart(start) ? OpenPyTorch(source)
                : SafeTensorsFile.HasStart(start) || source.Path.EndsWith(".safetensors", StringComparison.OrdinalIgnoreCase) ? OpenSafeTensors(source)
                : throw UnknownStart(source.Path, start);
        }
        catch
        {
            source.Dispose();
            throw;
        }
    }

    public void Dispose() => _file.Dispose();

    private static byte[] ReadStart(IByteSource source)
    {
        byte[] start = new byte[Math.Min(source.Length, Math.Max(TorchFile.StartByteSize, SafeTensorsFile.StartByteSize))];
        source.Read(0, start);
        return start;
    }

    // The file begins like neither format. Its name indicates which format it was meant to have.
    private static ModelFormatException UnknownStart(string path, ReadOnlySpan<byte> start)
    {
        const int ShownByteCount = 8;
        string shown = $"the bytes {Convert.ToHexString(start[..Math.Min(start.Length, ShownByteCount)])}";
        return new ModelFormatException(
            path, 0, "start of the file", shown, "a file of torch.save must begin with 504B0304, as a ZIP archive, or with 80, as a pickle; the file is damaged or of another form: download it again");
    }

    private static WeightFile OpenSafeTensors(IByteSource source)
    {
        SafeTensorsFile file = SafeTensorsFile.Open(source);
        return new WeightFile(file, source, "safetensors", file.Entries.Select(entry =>
            new NamedWeight(entry.Name, source.Path, entry.EntryOffset, entry.Shape, (name, entryOffset) => file.CreateTensor(entry, name, entryOffset))));
    }

    private static WeightFile OpenPyTorch(IByteSource source)
    {
        var file = TorchFile.Open(source, name => LlamaTensors.IsRotaryFrequencies(NameSpace.HuggingFace, name));
        return new WeightFile(file, source, "PyTorch", file.Tensors.Select(pair => ToWeight(source, pair.Key, pair.Value)));
    }

    private static NamedWeight ToWeight(IByteSource source, string tensorName, TorchMatrix matrix)
    {
        long[] shape = matrix.DimensionCount == 1 ? [matrix.RowLength] : [matrix.RowCount, matrix.RowLength];
        return new NamedWeight(tensorName, source.Path, matrix.EntryOffset, shape, (name, entryOffset) =>
        {
            if (matrix.Type != GgmlType.F64 && !FloatFormats.All.Contains(matrix.Type))
                throw new ModelFormatException(source.Path, matrix.EntryOffset, $"type of '{tensorName}'", $"{matrix.Type}", "weights must be floating-point numbers of 16, 32 or 64 bits; use the unquantized model, or one quantized in GGUF");
            var description = new TensorDescription(name, matrix.Type, [.. shape.Reverse()], matrix.Offset, entryOffset);
            var tensor = new MergedTensor(description, [(source, matrix)], isSplitByColumns: false);
            return matrix.Type == GgmlType.F64 ? new NarrowedTensor(tensor) : tensor;
        });
    }
}
