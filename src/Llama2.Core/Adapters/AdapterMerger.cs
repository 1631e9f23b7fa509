using Llama2.Adapters;
using Llama2.Architectures;
using Llama2.Conversion;
using Llama2.Formats;
using Llama2.Formats.Gguf;
using Llama2.Model;
using Llama2.Quantization;
using Llama2.Tokenization;

namespace Llama2;

/// <summary>Writes a model with LoRA adapters merged into its weights. The written model runs without the adapters.</summary>
/// <remarks>
/// The method is synchronous because it computes from beginning to end, on the calling thread and on worker threads. Where the calling thread must
/// stay free, call it within <c>Task.Run</c>.
/// </remarks>
public static class AdapterMerger
{
    // These keys are not copied: the writer sets its own alignment, and a split model becomes one file.
    private static readonly string[] s_droppedKeys = [GeneralKeys.Alignment, .. SplitKeys.All];

    /// <summary>
    /// Writes a GGUF file. Weights are streamed through a few megabytes of memory. The file gets its name only when it is complete, and its content
    /// is the same for any number of threads.
    /// </summary>
    /// <param name="modelPath">A model in any form that <see cref="LlamaModel.Load(string, LlamaModelOptions?, IProgress{ByteProgress}?, CancellationToken)"/> takes.</param>
    /// <param name="adapters">The adapters' files or folders, each with the factor by which its change is multiplied.</param>
    /// <param name="targetPath">The GGUF file to create or replace.</param>
    /// <param name="options">The format of the weights, and how they are rounded; null takes the defaults.</param>
    /// <param name="progress">Reports on the calling thread how much is done.</param>
    /// <param name="cancellationToken">Ends the writing; the incomplete file is removed.</param>
    /// <returns>How much of the adapters' change survived.</returns>
    /// <exception cref="AdapterMergeException">Less of the adapters' change would survive than the options require; nothing was written.</exception>
    /// <exception cref="ArgumentException">There are no adapters, a scale is not finite, or the target is the model.</exception>
    /// <exception cref="ModelFormatException">
    /// A file is malformed, an adapter was made for another model, or a weight is out of the range of the type in which it is written. The exception
    /// is also thrown if the model is already quantized and an unchanged matrix would have to be quantized again, which the options do not allow.
    /// </exception>
    /// <exception cref="IOException">A file cannot be read or written, or the disk does not have enough room.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static AdapterMergeReport Merge(
        string modelPath, IReadOnlyList<(string Path, float Scale)> adapters, string targetPath, AdapterMergeOptions? options = null,
        IProgress<ByteProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(modelPath);
        ArgumentException.ThrowIfNullOrEmpty(targetPath);
        ArgumentNullException.ThrowIfNull(adapters);
        if (adapters.Count == 0 || adapters.Any(adapter => !float.IsFinite(adapter.Scale)))
        {
            throw new ArgumentException("There must be an adapter, and the scale of each must be finite.", nameof(adapters));
        }

        if (OutputTarget.IsSame(modelPath, targetPath))
        {
            throw new ArgumentException($"'{targetPath}' is the model itself; name another target.", nameof(targetPath));
        }

        using IModelFile model = ModelFiles.Open(modelPath);
        List<AdapterFile> files = [];
        try
        {
            foreach ((string path, _) in adapters)
            {
                files.Add(AdapterFile.Open(path));
            }

            using var merged = new MergedModelFile(model, [.. files.Zip(adapters, (file, adapter) => (file, adapter.Scale))]);
            var fingerprint = ModelFingerprint.Read(model, GgufVocabularyReader.Read(model), ConfigurationReader.Read(model));
            return Write(merged, targetPath, options ?? new AdapterMergeOptions(), progress, cancellationToken) with
            {
                AdaptersOfOtherModels = [.. files.Where(file => file.IsTrainedOnOther(fingerprint)).Select(file => file.Path)],
            };
        }
        finally
        {
            files.ForEach(file => file.Dispose());
        }
    }

    /// <summary>Writes a merged model; the parameters are those of <see cref="Merge"/>.</summary>
    internal static AdapterMergeReport Write(
        MergedModelFile source, string targetPath, AdapterMergeOptions options, IProgress<ByteProgress>? progress, CancellationToken cancellationToken)
    {
        var survival = new MergeSurvival(source, targetPath, options);
        if (options.Quantization is not { } chosen)
        {
            TensorConversion[] conversions = [.. source.Tensors.Select(tensor => new TensorConversion(tensor, KeptType(source, tensor), Importance: null))];
            conversions = Array.ConvertAll(conversions, conversion => conversion with { Rounding = survival.RoundingOf(conversion.Tensor.Name, conversion.Type) });
            ModelQuantizer.Write(source, targetPath, conversions, AddMetadata, options.ThreadCount, progress, cancellationToken, survival.Require);
        }
        else
        {
            // Converting quantized blocks to unquantized numbers loses no further precision, so it is always allowed.
            var quantizer = new ModelQuantizerOptions
            {
                AllowRequantize = options.AllowRequantize || chosen.IsUnquantized(),
                ImportanceMatrix = options.ImportanceMatrix,
                ThreadCount = options.ThreadCount,
            };
            ModelQuantizer.Run(source, targetPath, chosen, quantizer, progress, cancellationToken, survival.RoundingOf, survival.Require);
        }

        return survival.Report();

        void AddMetadata(GgufWriter writer)
        {
            foreach ((string key, object value) in source.Metadata)
            {
                if (!s_droppedKeys.Contains(key))
                {
                    writer.Add(key, value);
                }
            }
        }
    }

    private static GgmlType KeptType(MergedModelFile source, TensorDescription tensor) =>
        source.FindMerged(tensor.Name) is not { } merged ? tensor.Type
        : FloatFormats.All.Contains(merged.StoredType) ? merged.StoredType
        : GgmlType.F16;
}
