using System.Numerics.Tensors;
using Llama2.Adapters;
using Llama2.Formats;
using Llama2.Formats.Gguf;
using Llama2.Quantization;

namespace Llama2;

/// <summary>Writes a model with LoRA adapters merged into its weights, so that it runs without them.</summary>
public static class AdapterMerger
{
    private const int ChunkLength = 1 << 20;
    private const string FileTypeKey = "general.file_type", AlignmentKey = "general.alignment";

    /// <summary>The types that weights are written in.</summary>
    public static IReadOnlyList<GgmlType> Types => FloatFormats.All;

    /// <summary>Writes a GGUF file; weights stream through some megabytes of memory. The file appears whole or not at all.</summary>
    /// <param name="modelPath">A GGUF file.</param>
    /// <param name="adapters">The adapters' files, and what multiplies each one's change.</param>
    /// <param name="targetPath">The GGUF file to make or replace.</param>
    /// <param name="type">
    /// One of <see cref="Types"/> for all matrices. Null writes those that change in their own type, or in F16 where that is one of blocks,
    /// and the others bit for bit as they are.
    /// </param>
    /// <param name="progress">Told after each part of a tensor, on the calling thread.</param>
    /// <param name="cancellationToken">Ends the writing; no file stays.</param>
    /// <exception cref="ArgumentException">There are no adapters, a scale is not finite, the type is none of those, or the target is the model.</exception>
    /// <exception cref="ModelFormatException">A file is malformed, or an adapter was made for another model, or the type does not hold a weight.</exception>
    /// <exception cref="IOException">A file cannot be read or written, or the disk has no room.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static void Merge(
        string modelPath, IReadOnlyList<(string Path, float Scale)> adapters, string targetPath, GgmlType? type = null,
        IProgress<LoadProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(modelPath);
        ArgumentException.ThrowIfNullOrEmpty(targetPath);
        ArgumentNullException.ThrowIfNull(adapters);
        if (adapters.Count == 0 || adapters.Any(adapter => !float.IsFinite(adapter.Scale)))
        {
            throw new ArgumentException("There must be an adapter, and the scale of each must be finite.", nameof(adapters));
        }

        if (type is not null && !Types.Contains(type.Value))
        {
            throw new ArgumentOutOfRangeException(nameof(type), type, $"Merged models are written in {string.Join(", ", Types)}.");
        }

        if (Path.GetFullPath(modelPath) == Path.GetFullPath(targetPath))
        {
            throw new ArgumentException($"'{targetPath}' is the model itself; name another target.", nameof(targetPath));
        }

        using var model = GgufFile.Open(modelPath);
        List<AdapterFile> files = [];
        try
        {
            files.AddRange(adapters.Select(adapter => AdapterFile.Open(adapter.Path)));
            using var merged = new MergedModelFile(model, files.Zip(adapters, (file, adapter) => (file, adapter.Scale)));
            Write(merged, targetPath, type, progress, cancellationToken);
        }
        finally
        {
            files.ForEach(file => file.Dispose());
        }
    }

    private static void Write(MergedModelFile source, string targetPath, GgmlType? type, IProgress<LoadProgress>? progress, CancellationToken cancellationToken)
    {
        using var writer = new GgufWriter(targetPath);
        foreach ((string key, object value) in source.Metadata)
        {
            // The writer has its own alignment.
            if (key != AlignmentKey && (key != FileTypeKey || type is null))
            {
                writer.Add(key, value);
            }
        }

        if (type is not null)
        {
            // llama.cpp's numbers of files, which are not those of tensors.
            writer.Add(FileTypeKey, type switch { GgmlType.F32 => 0u, GgmlType.F16 => 1u, _ => 32u });
        }

        (TensorDescription Tensor, GgmlType Type)[] tensors = [.. source.Tensors.Select(tensor => (tensor, TargetType(source, tensor, type)))];
        foreach ((TensorDescription tensor, GgmlType target) in tensors)
        {
            writer.AddTensor(tensor.Name, target, [.. tensor.Dimensions]);
        }

        long written = 0, total = tensors.Sum(pair => GgmlTypes.RowByteSize(pair.Type, pair.Tensor.RowLength) * pair.Tensor.RowCount);
        foreach ((TensorDescription tensor, GgmlType target) in tensors)
        {
            WriteTensor(source, tensor, target, Report, cancellationToken);
            writer.EndTensor();
        }

        writer.Complete();

        void Report(ReadOnlySpan<byte> bytes)
        {
            writer.Write(bytes);
            progress?.Report(new LoadProgress(written += bytes.Length, total));
        }
    }

    // Vectors are norms, which are small: they stay as they are.
    private static GgmlType TargetType(MergedModelFile source, TensorDescription tensor, GgmlType? type) =>
        tensor.Dimensions.Count == 1 ? tensor.Type
        : type is not null ? type.Value
        : source.FindMerged(tensor.Name) is not { } merged ? tensor.Type
        : Types.Contains(merged.StoredType) ? merged.StoredType
        : GgmlType.F16;

    private static void WriteTensor(
        MergedModelFile source, TensorDescription tensor, GgmlType type, Action<ReadOnlySpan<byte>> write, CancellationToken cancellationToken)
    {
        long rowsAtOnce = Math.Min(tensor.RowCount, Math.Max(1, ChunkLength / tensor.RowLength));
        byte[] stored = new byte[rowsAtOnce * tensor.RowByteSize];
        float[] weights = new float[rowsAtOnce * tensor.RowLength];
        byte[] encoded = type == tensor.Type ? [] : new byte[rowsAtOnce * GgmlTypes.RowByteSize(type, tensor.RowLength)];
        for (long row = 0; row < tensor.RowCount; row += rowsAtOnce)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int count = (int)Math.Min(rowsAtOnce, tensor.RowCount - row), length = count * (int)tensor.RowLength;
            Span<byte> bytes = stored.AsSpan(0, count * (int)tensor.RowByteSize);
            source.Read(tensor, row * tensor.RowByteSize, bytes);
            if (type != tensor.Type)
            {
                WeightFormats.Dequantize(tensor.Type, bytes, weights.AsSpan(0, length));
                bytes = encoded.AsSpan(0, count * (int)GgmlTypes.RowByteSize(type, tensor.RowLength));
                FloatFormats.Encode(type, weights.AsSpan(0, length), bytes);
            }

            WeightFormats.Dequantize(type, bytes, weights.AsSpan(0, length));
            if (!TensorPrimitives.IsFiniteAll<float>(weights.AsSpan(0, length)))
            {
                throw new ModelFormatException(
                    source.Path, tensor.EntryOffset, $"a weight of '{tensor.Name}'", "infinite or not a number", $"the merged weights must be finite in {type}: take F32, or a smaller scale");
            }

            write(bytes);
        }
    }
}
