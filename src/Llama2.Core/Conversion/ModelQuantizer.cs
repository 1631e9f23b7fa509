using Llama2.Architectures;
using Llama2.Conversion;
using Llama2.Formats;
using Llama2.Formats.Gguf;
using Llama2.Model;
using Llama2.Quantization;
using Llama2.Threading;

namespace Llama2;

/// <summary>
/// Writes a model with its weights in fewer bits, as llama.cpp's llama-quantize does: with the same mixes of formats, and with the same bytes in
/// every block.
/// </summary>
/// <remarks>
/// Quantization is synchronous because it computes from beginning to end, on the calling thread and on worker threads. If the calling thread must
/// stay free, call the method within <c>Task.Run</c>.
/// </remarks>
public static class ModelQuantizer
{
    // These keys of the source are not copied, because they do not apply to the target. They describe the source's weights, its alignment (the writer
    // sets its own), and its parts (a split model becomes one file).
    private static readonly string[] s_replacedKeys =
        [GeneralKeys.FileType, GeneralKeys.QuantizationVersion, GeneralKeys.Alignment, .. SplitKeys.All];

    /// <summary>
    /// Quantizes a model. Weights are read, quantized and written in parts, so a model of any size takes a few hundred megabytes of memory. The
    /// target appears under its name only when it is complete. Its bytes are the same for any number of threads.
    /// </summary>
    /// <param name="sourcePath">A GGUF file, preferably with F32, F16 or BF16 weights.</param>
    /// <param name="targetPath">The GGUF file to create or replace.</param>
    /// <param name="quantization">The format, or mix of formats, of the target's weights.</param>
    /// <param name="options">The options; null for the defaults.</param>
    /// <param name="progress">Receives the number of bytes of the source that have been quantized. Called on the calling thread.</param>
    /// <param name="cancellationToken">Stops the work within a few rows; the incomplete file is deleted.</param>
    /// <exception cref="ArgumentException">
    /// The quantization is not a defined value, or needs an importance matrix and none is given; or source and target are the same file.
    /// </exception>
    /// <exception cref="ModelFormatException">
    /// The source is malformed or already quantized, or has weights that are infinite, NaN or too large for the format; or the importance matrix
    /// belongs to another model.
    /// </exception>
    /// <exception cref="IOException">
    /// A file cannot be read or written, or the disk has too little free space. The free space is checked before the first tensor is written.
    /// </exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static void Quantize(
        string sourcePath,
        string targetPath,
        ModelQuantization quantization,
        ModelQuantizerOptions? options = null,
        IProgress<ByteProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(sourcePath);
        ArgumentException.ThrowIfNullOrEmpty(targetPath);
        ModelQuantizations.Require(quantization, nameof(quantization));
        if (OutputTarget.IsSame(sourcePath, targetPath))
        {
            throw new ArgumentException($"'{targetPath}' is also the source, and would be written while it is read: give the target another name.", nameof(targetPath));
        }

        using IModelFile source = ModelFiles.Open(sourcePath);
        Run(source, targetPath, quantization, options ?? new ModelQuantizerOptions(), progress, cancellationToken);
    }

    /// <param name="source">The source; the caller keeps ownership.</param>
    /// <param name="targetPath">The GGUF file to create or replace.</param>
    /// <param name="quantization">The format, or mix of formats.</param>
    /// <param name="options">The options.</param>
    /// <param name="progress">Receives the progress.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    /// <param name="rounding">Finds the object that receives, and may change, the encoded rows of the tensor with a given name, which is encoded in a given
    /// type.</param>
    /// <param name="check">Called when all tensors were encoded; if it throws an exception, the target is not created.</param>
    internal static void Run(
        IModelFile source, string targetPath, ModelQuantization quantization, ModelQuantizerOptions options, IProgress<ByteProgress>? progress, CancellationToken cancellationToken,
        Func<string, GgmlType, IRowRounding?>? rounding = null, Action? check = null)
    {
        ModelConfiguration configuration = ConfigurationReader.Read(source);
        new TensorShapes(configuration).Require(source);
        TensorRoles tensors = configuration.Family.Tensors;
        var mix = new QuantizationMix(quantization, tensors, configuration.Dimensions, options.ImportanceMatrix is not null);
        TensorConversion[] conversions = [.. Plan(source, tensors, mix, options).Select(conversion => conversion with { Rounding = rounding?.Invoke(conversion.Tensor.Name, conversion.Type) })];
        Write(source, targetPath, conversions, writer => AddMetadata(writer, source, quantization, options.ImportanceMatrix), options.ThreadCount, progress, cancellationToken, check);
    }

    /// <summary>
    /// Writes each tensor in the format that was chosen for it. If <paramref name="check"/>, which is called when all tensors were encoded, throws an
    /// exception, the target is not created.
    /// </summary>
    internal static void Write(
        IModelFile source, string targetPath, TensorConversion[] conversions, Action<GgufWriter> addMetadata, int? threadCount,
        IProgress<ByteProgress>? progress, CancellationToken cancellationToken, Action? check = null)
    {
        using var pool = new WorkerPool(threadCount ?? LlamaHardware.PhysicalCoreCount);
        using var writer = new GgufWriter(targetPath);
        addMetadata(writer);
        foreach (TensorConversion conversion in conversions)
        {
            writer.AddTensor(conversion.Tensor.Name, conversion.Type, [.. conversion.Tensor.Dimensions]);
        }

        var converter = new TensorConverter(source, writer, pool, progress, cancellationToken);
        foreach (TensorConversion conversion in conversions)
        {
            converter.Convert(conversion);
        }

        cancellationToken.ThrowIfCancellationRequested();
        check?.Invoke();
        writer.Complete();
    }

    private static TensorConversion[] Plan(IModelFile source, TensorRoles tensors, QuantizationMix mix, ModelQuantizerOptions options)
    {
        bool isTied = !source.TryGetTensor(LlamaTensors.Output.Name(), out _);
        return [.. source.Tensors.Select(tensor => Plan(source, tensors, tensor, mix.TypeOf(tensor, isTied, options.IsPure), mix, options))];
    }

    private static TensorConversion Plan(IModelFile source, TensorRoles tensors, TensorDescription tensor, GgmlType type, QuantizationMix mix, ModelQuantizerOptions options)
    {
        if (type != tensor.Type && GgmlTypes.BlockLength(tensor.Type) > 1 && !options.AllowRequantize)
        {
            throw new ModelFormatException(
                source.Path, tensor.EntryOffset, $"type of tensor '{tensor.Name}'", $"{tensor.Type}",
                $"requantizing it to {type} loses more precision than quantizing the F16 model; use the F16 model, or allow requantizing ({nameof(ModelQuantizerOptions)}.{nameof(ModelQuantizerOptions.AllowRequantize)}, --allow-requantize)");
        }

        float[]? importance = options.ImportanceMatrix?.Find(tensor);
        if (importance is null && type == GgmlType.Q2_K && mix.NeedsImportance && tensors.Find(NameSpace.Gguf, tensor.Name) is ({ IsOfLayer: true }, _))
        {
            throw new ArgumentException($"Q2_K_S needs an importance matrix with an entry for '{tensor.Name}', and there is none: without it the model produces nonsense; use Q2_K, or compute an importance matrix from a text.", nameof(options));
        }

        return new TensorConversion(tensor, type, importance);
    }

    private static void AddMetadata(GgufWriter writer, IModelFile source, ModelQuantization quantization, ImportanceMatrix? importance)
    {
        foreach ((string key, object value) in source.Metadata)
        {
            if (!s_replacedKeys.Contains(key) && !key.StartsWith(ImportanceKeys.ModelPrefix, StringComparison.Ordinal))
            {
                writer.Add(key, value);
            }
        }

        writer.Add(GeneralKeys.QuantizationVersion, 2u);
        writer.Add(GeneralKeys.FileType, (uint)quantization);
        importance?.AddTo(writer);
    }
}
