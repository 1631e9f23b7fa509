using System.Reflection;
using Llama2.Adapters;
using Llama2.Conversion;
using Llama2.Formats;
using Llama2.Model;
using Llama2.Tokenization;
using Llama2.Training.Export;
using Llama2.Training.Model;

namespace Llama2.Training;

public sealed partial class LlamaTrainer
{
    // Without the revision of the source after the plus sign.
    private static readonly string s_version =
        typeof(LlamaTrainer).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "";

    /// <summary>
    /// Writes the adapters as a GGUF file, which this library and llama.cpp load in addition to the model. If whole tensors (<see
    /// cref="LoraOptions.SavedModules"/>), rows of single tokens (<see cref="LoraOptions.EmbeddingTokens"/>) or magnitudes (<see
    /// cref="LoraOptions.UseWeightDecomposition"/>) were trained, only this library loads the file. If tokens were added, the adapter must be merged.
    /// </summary>
    /// <param name="path">The file to create or replace.</param>
    /// <exception cref="InvalidOperationException">All weights are trained.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void SaveAdapter(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        _ = RequireAdapters();
        GgufAdapterWriter.Write(path, _model.Parameters, _layout!, _options.NewTokens, Configuration, TrainingRecords());
    }

    /// <summary>
    /// Writes the adapters as a folder that Hugging Face's PEFT loads. If tokens were added, it also contains the tokenizer with them; transformers'
    /// <c>resize_token_embeddings</c> must then be called before PEFT loads the adapter.
    /// </summary>
    /// <param name="path">The folder to create.</param>
    /// <exception cref="InvalidOperationException">All weights are trained.</exception>
    /// <exception cref="IOException">The folder exists, or cannot be written.</exception>
    public void SavePeftAdapter(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        PeftAdapterWriter.Write(path, _model.Parameters, RequireAdapters(), _layout!, _options.NewTokens.Count > 0 ? Tokenizer.Vocabulary : null, _options.NewTokens.Count, Configuration, TrainingRecords());
    }

    /// <summary>
    /// Writes the trained model: as a GGUF file if the name ends in <c>.gguf</c>, otherwise as a Hugging Face folder with safetensors. The file or
    /// folder gets its name only when it is complete.
    /// </summary>
    /// <param name="path">The file to create or replace, or the folder to create.</param>
    /// <param name="quantization">
    /// The format, or mix of formats, of the weights; only F32, F16 or BF16 for a folder. Null (the default) means float32, as in training.
    /// </param>
    /// <param name="description">
    /// The description of the model in the file. Each property that is not null replaces that of the original file; null keeps the whole original description.
    /// </param>
    /// <param name="progress">Receives the number of written bytes of weights, on the calling thread.</param>
    /// <param name="cancellationToken">Ends the writing; the incomplete target is removed.</param>
    /// <exception cref="InvalidOperationException">Adapters are trained: use <see cref="SaveAdapter"/>, or <see cref="SaveMergedModel"/>.</exception>
    /// <exception cref="ArgumentException">The quantization is not a member of the enumeration, or is not possible in a folder.</exception>
    /// <exception cref="IOException">The target cannot be written, or the folder exists.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public void SaveModel(
        string path, ModelQuantization? quantization = null, ModelDescription? description = null, IProgress<ByteProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (_options.Lora is not null)
        {
            throw new InvalidOperationException($"Adapters are trained, not the model: use {nameof(SaveAdapter)}, or {nameof(SaveMergedModel)}.");
        }

        CheckQuantization(path, quantization);
        IReadOnlyDictionary<string, object> metadata = description?.ApplyTo(_metadata) ?? _metadata;
        using var trained = new ParameterFile("the trained model", _model.Parameters, metadata);
        if (!IsGguf(path))
        {
            ExportFolder(trained, path, quantization, progress, cancellationToken);
        }
        else if (quantization is { } chosen)
        {
            ModelQuantizer.Run(trained, path, chosen, new ModelQuantizerOptions { ThreadCount = _options.ThreadCount }, progress, cancellationToken);
        }
        else
        {
            GgufModelWriter.Write(path, _model.Parameters, metadata, progress, cancellationToken);
        }
    }

    /// <summary>
    /// Writes the model with the adapters, trained and frozen, merged into its weights, so that the written model needs no adapters. It is written as a GGUF file if the
    /// name ends in <c>.gguf</c>, otherwise as a Hugging Face folder with safetensors. The file or folder gets its name only when it is complete.
    /// </summary>
    /// <param name="path">The file to create or replace, or the folder to create.</param>
    /// <param name="options">
    /// The format of the weights (only F32, F16 or BF16 for a folder), and how they are rounded; null takes the defaults. The trainer's own number of
    /// threads is used unless the options state one.
    /// </param>
    /// <param name="originalPath">
    /// The model whose weights take the change, if it is not the one that was opened: the unquantized original of a quantized model, in any form that
    /// the library reads. Null (the default) is the opened model.
    /// </param>
    /// <param name="progress">Receives the number of written bytes of weights, on the calling thread.</param>
    /// <param name="cancellationToken">Ends the writing; the incomplete target is removed.</param>
    /// <returns>How much of the adapters' change survived in a GGUF file; null for a folder, whose types of 16 and 32 bits keep the change.</returns>
    /// <exception cref="AdapterMergeException">Less of the adapters' change would survive than the options require; nothing was written.</exception>
    /// <exception cref="InvalidOperationException">All weights are trained: use <see cref="SaveModel"/>.</exception>
    /// <exception cref="ArgumentException">
    /// The quantization is not possible in a folder, or the target is the model's own file.
    /// </exception>
    /// <exception cref="ModelFormatException">
    /// The model's file has changed since it was opened, the original is a different model, or matrices that the adapters do not change would have to be
    /// quantized again, which the options do not allow.
    /// </exception>
    /// <exception cref="IOException">The model cannot be read, the target cannot be written, or the folder exists.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public AdapterMergeReport? SaveMergedModel(
        string path, AdapterMergeOptions? options = null, string? originalPath = null, IProgress<ByteProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        LoraOptions lora = RequireAdapters();
        options ??= new AdapterMergeOptions();
        options = options with { ThreadCount = options.ThreadCount ?? _options.ThreadCount };
        CheckQuantization(path, options.Quantization);
        string modelPath = originalPath ?? _modelPath!;
        if (OutputTarget.IsSame(modelPath, path))
        {
            throw new ArgumentException($"'{path}' is the model itself; name another target.", nameof(path));
        }

        using IModelFile model = ModelFiles.Open(modelPath);
        if (originalPath is not null)
        {
            RequireOriginal(model);
        }
        else if (ModelFingerprint.Read(model, GgufVocabularyReader.Read(model), ConfigurationReader.Read(model)).Value != _fingerprint.Value)
        {
            throw new ModelFormatException(_modelPath!, null, "the content", "different from when training began", "the adapters fit only the model that they were trained with");
        }

        using AdapterFile adapter = TrainedAdapter.Of(_model.Parameters, _layout!, _options.NewTokens, Configuration);
        using FrozenAdapters frozen = FrozenAdapters.Open(lora.FrozenAdapters, Configuration);
        if (frozen.Digest != _frozenDigest)
        {
            throw new ModelFormatException(lora.FrozenAdapters[0].Path, null, "the content of the frozen adapters", "different from when training began", "the trained adapter fits only the adapters that it was trained on top of");
        }

        using var merged = new MergedModelFile(model, [.. frozen.Adapters, (adapter, 1)]);
        if (IsGguf(path))
        {
            return AdapterMerger.Write(merged, path, options, progress, cancellationToken);
        }

        ExportFolder(merged, path, options.Quantization, progress, cancellationToken);
        return null;
    }

    /// <summary>
    /// Checks that a model is the original from which the opened model was quantized: its vocabulary, its shape and some of its weights.
    /// <see cref="SaveMergedModel"/> does so too, but only after training.
    /// </summary>
    /// <param name="originalPath">The original, in any form that the library reads.</param>
    /// <exception cref="InvalidOperationException">The trainer was created with random weights.</exception>
    /// <exception cref="ModelFormatException">The model is a different one, or malformed.</exception>
    /// <exception cref="IOException">A model cannot be read.</exception>
    public void RequireOriginal(string originalPath)
    {
        ArgumentException.ThrowIfNullOrEmpty(originalPath);
        using IModelFile original = ModelFiles.Open(originalPath);
        RequireOriginal(original);
    }

    private void RequireOriginal(IModelFile original)
    {
        using IModelFile quantized = ModelFiles.Open(_modelPath ?? throw new InvalidOperationException("A model that was created with random weights has no original."));
        OriginalModel.Require(original, quantized);
    }

    private static bool IsGguf(string path) => path.EndsWith(ModelConverter.GgufExtension, StringComparison.OrdinalIgnoreCase);

    // Writes a folder of safetensors. It cannot have quantized tensors, so quantized tensors of the model are decoded.
    private static void ExportFolder(IModelFile source, string path, ModelQuantization? quantization, IProgress<ByteProgress>? progress, CancellationToken cancellationToken)
        => HuggingFaceExport.Write(
            source, path, new ModelConversionOptions { Quantization = quantization }, progress, cancellationToken);

    private static void CheckQuantization(string path, ModelQuantization? quantization)
    {
        if (quantization is not { } chosen)
        {
            return;
        }

        ModelQuantizations.Require(chosen, nameof(quantization));
        if (!IsGguf(path) && !chosen.IsUnquantized())
        {
            throw new ArgumentException($"A folder of safetensors has F32, F16 or BF16, not {chosen}: give '{path}' the ending .gguf, or choose another quantization.", nameof(quantization));
        }
    }

    // How the adapter was trained, after the trainings of the adapter with which it began.
    private IReadOnlyList<AdapterTrainingRecord> TrainingRecords() => _trained is null
        ? _earlierRecords
        :
        [
            .. _earlierRecords,
            new AdapterTrainingRecord
            {
                BaseName = Configuration.Name,
                BaseFingerprint = _fingerprint.Value,
                BaseNormFingerprint = _fingerprint.NormValue,
                DataFingerprint = _trained.Fingerprint,
                SampleCount = _trained.SampleCount,
                StepCount = StepCount,
                Seed = _options.Seed,
                Settings = SettingsText.Of(_options),
                LibraryVersion = s_version,
            },
        ];

    private LoraOptions RequireAdapters()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        return _options.Lora ?? throw new InvalidOperationException($"All weights are trained, so there is no adapter: use {nameof(SaveModel)}.");
    }
}
