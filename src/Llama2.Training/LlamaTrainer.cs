using Llama2.Conversion;
using Llama2.Formats;
using Llama2.Memory;
using Llama2.Model;
using Llama2.Tensors;
using Llama2.Tokenization;
using Llama2.Training.Checkpoints;
using Llama2.Training.Model;
using Llama2.Training.Optimizers;
using Llama2.Training.Quantization;
using Llama2.Training.Tensors;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using static System.FormattableString;

namespace Llama2.Training;

/// <summary>
/// Trains a model of the Llama family. Trains either adapters (LoRA, QLoRA) or all weights. If adapters are trained, the model's own weights stay
/// unchanged and may be quantized. The data are samples, rated answers, or pairs of answers, one of which is preferred. Not thread-safe: one call at a time.
/// </summary>
/// <example><code>
/// using LlamaTrainer trainer = LlamaTrainer.Open("llama-2-7b.Q4_K_M.gguf", new TrainingOptions());
/// var data = TrainingDataset.Load("samples.jsonl", trainer.Tokenizer, new DatasetOptions { PromptFormat = PromptFormat.Llama2 });
/// trainer.Train(data);
/// trainer.SaveAdapter("adapter.gguf");
/// </code></example>
/// <remarks>
/// All methods are synchronous, because training computes all the time and never waits; it uses the calling thread and worker threads. If the calling
/// thread must stay free, call the methods within <c>Task.Run</c>. Long operations take a cancellation token and report their progress.
/// </remarks>
public sealed partial class LlamaTrainer : IDisposable
{
    private readonly TrainingOptions _options;
    private readonly ILogger _logger;
    private readonly IReadOnlyDictionary<string, object> _metadata;
    private readonly ModelFingerprint _fingerprint;
    private readonly string? _modelPath;
    private readonly LoraLayout? _layout;
    private readonly IReadOnlyList<AdapterTrainingRecord> _earlierRecords;
    private readonly string _signature, _frozenDigest;
    private readonly LlamaRuntime _runtime;
    private readonly MatrixMultiplier _multiplier;
    private readonly TrainingModel _model;
    private readonly TokenBatch _batch;
    private readonly BestWeights _best;
    private readonly TrainingHistory _history = new();
    private AdamW _optimizer;
    private string? _dataOfCheckpoint;
    private RunLength? _length;
    private bool _isDisposed;

    private LlamaTrainer(Source source, TrainingOptions options, ILogger logger)
    {
        _options = options = MemoryEstimate.Decide(source.Shape, source.FrozenByteSize, source.IsOutputTied, options, MemoryBudget.AvailableBytes, source.Adapters);
        _logger = logger;
        _metadata = source.Metadata;
        _fingerprint = source.Fingerprint;
        _modelPath = source.ModelPath;
        _layout = source.Adapters?.Layout;
        _earlierRecords = source.Adapters?.InitialRecords ?? [];
        _signature = $"{options.Signature} {source.Adapters?.Digest}".TrimEnd();
        _frozenDigest = source.Adapters?.Frozen.Digest ?? "";
        Configuration = source.Shape;
        Tokenizer = ModelTokenizer.Create(source.Vocabulary);
        Memory = MemoryEstimate.Of(source.Shape, source.FrozenByteSize, source.IsOutputTied, options, source.Adapters);
        MemoryBudget.Require(
            Memory.TotalByteSize, "training",
            $"Take fewer tokens to a batch ({nameof(TrainingOptions)}.{nameof(TrainingOptions.BatchTokenCount)}, --batch-tokens), a lower rank ({nameof(LoraOptions)}.{nameof(LoraOptions.Rank)}, --rank), moments in 8 bits ({nameof(TrainingOptions)}.{nameof(TrainingOptions.QuantizeMoments)}, --8-bit-optimizer), activations that are computed again ({nameof(TrainingOptions)}.{nameof(TrainingOptions.RecomputeActivations)}, --keep-activations false), or fewer bits per weight ({nameof(TrainingOptions)}.{nameof(TrainingOptions.BaseQuantization)}, --nf4)");
        _runtime = new LlamaRuntime(new LlamaRuntimeOptions { ThreadCount = options.ThreadCount });
        _multiplier = new MatrixMultiplier(_runtime.Workers, LlamaHardware.ChooseTier());
        try
        {
            _model = new TrainingModel(source.CreateLayers(_runtime, _multiplier, options.RecomputeActivations!.Value), _multiplier, options.BatchTokenCount, options.RecomputeActivations.Value, options.NeftuneAlpha);
        }
        catch
        {
            _multiplier.Dispose();
            _runtime.Dispose();
            throw;
        }

        if (options.KeepsReference)
        {
            foreach (Parameter parameter in _model.Parameters)
            {
                parameter.KeepOriginal();
            }
        }

        _optimizer = CreateOptimizer();
        _batch = new TokenBatch(options.BatchTokenCount);
        _best = new BestWeights(_model.Parameters, options.HoldsBest);
        ParameterCount = _model.Parameters.Sum(parameter => parameter.Values.Length);
    }

    /// <summary>The model's shape.</summary>
    public ModelConfiguration Configuration { get; }

    /// <summary>The model's tokenizer, with which samples are encoded.</summary>
    public ModelTokenizer Tokenizer { get; }

    /// <summary>The approximate size of the memory that training takes.</summary>
    public TrainingMemory Memory { get; }

    /// <summary>The number of trained parameters.</summary>
    public long ParameterCount { get; }

    /// <summary>The number of completed steps, including those that were completed before training was resumed.</summary>
    public int StepCount => _optimizer.StepCount;

    /// <summary>The training curve: all completed steps, including those that were completed before training was resumed.</summary>
    public IReadOnlyList<TrainingStep> Steps => _history.Steps;

    /// <summary>
    /// The exception that prevented the last checkpoint of <see cref="TrainingOptions.CheckpointPath"/> from being written, for example because the
    /// disk was full. Null if that checkpoint was written, or if none was due yet. After such an exception training continues, and the trainer tries
    /// to write a checkpoint again at the next interval and at the end of training.
    /// </summary>
    public Exception? CheckpointFault { get; private set; }

    /// <summary>The clock by which the duration of a run is measured.</summary>
    internal TimeProvider Time { get; set; } = TimeProvider.System;

    /// <summary>Opens a model to train.</summary>
    /// <param name="path">A model in any supported form, with any quantization.</param>
    /// <param name="options">How to train the model; null for the defaults, which train adapters.</param>
    /// <param name="logger">Logs memory, steps and checkpoints; null for no log.</param>
    /// <param name="progress">Receives a report after each tensor, on the calling thread.</param>
    /// <param name="cancellationToken">Ends the loading.</param>
    /// <exception cref="ArgumentException">
    /// The model already has one of the <see cref="TrainingOptions.NewTokens"/>, or a pattern or a token of the <see cref="LoraOptions"/> is none of the model's.
    /// </exception>
    /// <exception cref="ModelFormatException">
    /// A file is malformed, or uses a feature that this library does not support, or an adapter that the options name does not fit the model.
    /// </exception>
    /// <exception cref="LlamaMemoryException">There is not enough memory; the message states how much is needed, and which options reduce it.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static LlamaTrainer Open(
        string path, TrainingOptions? options = null, ILogger? logger = null, IProgress<ByteProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        options = (options ?? new TrainingOptions()).WithTrainedTokens;
        using IModelFile stored = ModelFiles.Open(path);
        var fingerprint = ModelFingerprint.Read(stored, GgufVocabularyReader.Read(stored), ConfigurationReader.Read(stored));
        using IModelFile file = NewTokens.AddTo(stored, options.NewTokens);
        ModelConfiguration shape = ConfigurationReader.Read(file);
        Vocabulary vocabulary = GgufVocabularyReader.Read(file);
        bool isOutputTied = MemoryEstimate.IsOutputTied(file);
        options.Lora?.RequireTokensOf(shape.VocabularySize, isOutputTied);
        using AdapterInputs? adapters = options.Lora is null ? null : AdapterInputs.Open(options.Lora, shape);
        adapters?.RequireCopiesOf(stored, shape, cancellationToken);
        return new LlamaTrainer(
            new Source(
                path, shape, vocabulary, file.Metadata, fingerprint, options.Lora is null ? 0 : MemoryEstimate.FrozenByteSize(file, shape, options.BaseQuantization), isOutputTied, adapters,
                (runtime, multiplier, hasCheckpoints) => adapters is not null
                    ? LayerFactory.CreateAdapted(
                        shape, Load(file, shape, options.BaseQuantization, runtime, progress, cancellationToken), options.Lora!, adapters, options.Seed, options.BatchTokenCount, options.QuantizeActivations,
                        hasCheckpoints, multiplier)
                    : LayerFactory.CreateTrained(shape, new FileParameters(file, progress, cancellationToken), isOutputTied, ropeFrequencyFactors: null, options.BatchTokenCount)),
            options, logger ?? NullLogger.Instance);
    }

    /// <summary>Creates a model with random weights, to be trained from scratch. The embedding table is also the output matrix.</summary>
    /// <param name="vocabularyPath">A file that <see cref="ModelTokenizer.Load"/> accepts: a tokenizer or a model. The new model gets its vocabulary.</param>
    /// <param name="shape">The model's shape.</param>
    /// <param name="options">How to train the model; <see cref="TrainingOptions.Lora"/> must be null.</param>
    /// <param name="logger">As in <see cref="Open"/>.</param>
    /// <param name="cancellationToken">Cancels the filling of the weights with random values; all memory is then freed.</param>
    /// <exception cref="ArgumentException">The options request adapters, or the shape is not valid for a model.</exception>
    /// <exception cref="ModelFormatException">The file is malformed.</exception>
    /// <exception cref="LlamaMemoryException">There is not enough memory.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static LlamaTrainer Create(string vocabularyPath, ModelShape shape, TrainingOptions options, ILogger? logger = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(vocabularyPath);
        ArgumentNullException.ThrowIfNull(shape);
        ArgumentNullException.ThrowIfNull(options);
        if (options.Lora is not null)
        {
            throw new ArgumentException($"If training starts from random weights, all weights are trained: set {nameof(TrainingOptions)}.{nameof(TrainingOptions.Lora)} to null.", nameof(options));
        }

        Vocabulary vocabulary = NewTokens.AddTo(TokenizerFile.Read(vocabularyPath), vocabularyPath, options.NewTokens);
        OrderedDictionary<string, object> metadata = RandomModelMetadata.Create(vocabulary, shape);
        ModelConfiguration configuration = RandomModelMetadata.ConfigurationOf(shape, vocabulary.Count);
        return new LlamaTrainer(
            new Source(
                ModelPath: null, configuration, vocabulary, metadata, ModelFingerprint.Of(Invariant($"random {shape} {vocabulary.Count}")), FrozenByteSize: 0, IsOutputTied: true, Adapters: null,
                (_, _, _) => LayerFactory.CreateTrained(configuration, new RandomParameters(configuration, options.Seed, cancellationToken), isOutputTied: true, null, options.BatchTokenCount)),
            options, logger ?? NullLogger.Instance);
    }

    /// <summary>
    /// Loads the tokenizer with which a trainer of these options would encode samples: that of the model, with the <see cref="TrainingOptions.NewTokens"/>. Data
    /// can be read and checked with it before the weights are loaded.
    /// </summary>
    /// <param name="path">A model or tokenizer that <see cref="ModelTokenizer.Load"/> accepts.</param>
    /// <param name="options">How the model would be trained.</param>
    /// <exception cref="ArgumentException">The vocabulary already has one of the new tokens.</exception>
    /// <exception cref="ModelFormatException">The file is malformed.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static ModelTokenizer LoadTokenizer(string path, TrainingOptions options)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(options);
        return ModelTokenizer.Create(NewTokens.AddTo(TokenizerFile.Read(path), path, options.NewTokens));
    }

    /// <summary>
    /// Estimates the memory that training would take, without allocating it. Unless the options state whether activations are kept, the answer depends
    /// on the memory that is available now.
    /// </summary>
    /// <param name="path">A model in any supported form.</param>
    /// <param name="options">How the model would be trained.</param>
    /// <exception cref="ModelFormatException">The file is malformed.</exception>
    public static TrainingMemory EstimateMemory(string path, TrainingOptions options)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(options);
        options = options.WithTrainedTokens;
        using IModelFile stored = ModelFiles.Open(path);
        using IModelFile file = NewTokens.AddTo(stored, options.NewTokens);
        ModelConfiguration shape = ConfigurationReader.Read(file);
        long frozenByteSize = options.Lora is null ? 0 : MemoryEstimate.FrozenByteSize(file, shape, options.BaseQuantization);
        bool isOutputTied = MemoryEstimate.IsOutputTied(file);
        options.Lora?.RequireTokensOf(shape.VocabularySize, isOutputTied);
        using AdapterInputs? adapters = options.Lora is null ? null : AdapterInputs.Open(options.Lora, shape);
        return MemoryEstimate.Of(shape, frozenByteSize, isOutputTied, MemoryEstimate.Decide(shape, frozenByteSize, isOutputTied, options, MemoryBudget.AvailableBytes, adapters), adapters);
    }

    /// <summary>Frees the memory.</summary>
    public void Dispose()
    {
        if (!_isDisposed)
        {
            _isDisposed = true;
            _optimizer.Dispose();
            _best.Dispose();
            _model.Dispose();
            _multiplier.Dispose();
            _runtime.Dispose();
        }
    }

    private AdamW CreateOptimizer() =>
        new(_model.Parameters, new AdamWSettings(_options.Beta1, _options.Beta2, 1e-8f, _options.WeightDecay), _options.QuantizeMoments, _runtime.Workers);

    // If matrices are quantized to NF4, each is quantized as soon as it is loaded, so that only one matrix at a time takes memory in both formats.
    private static LlamaWeights Load(IModelFile file, ModelConfiguration shape, BaseQuantization quantization, LlamaRuntime runtime, IProgress<ByteProgress>? progress, CancellationToken cancellationToken)
    {
        LlamaWeights weights = new WeightLoader(file, shape, runtime, LlamaHardware.ChooseTier(), progress, cancellationToken)
        {
            Observe = quantization == BaseQuantization.Nf4 ? Quantize : null,
        }.Load();
        if (quantization == BaseQuantization.Nf4)
        {
            FreedMemory.Return();
        }

        return weights;

        WeightMatrix Quantize(string name, WeightMatrix matrix)
        {
            if (!shape.Family.Tensors.IsLayerMatrix(name))
            {
                return matrix;
            }

            using (matrix)
            {
                return new NormalFloatMatrix(matrix, runtime.Workers);
            }
        }
    }

    // The model and the settings from which the layers are created.
    private sealed record Source(
        string? ModelPath, ModelConfiguration Shape, Vocabulary Vocabulary, IReadOnlyDictionary<string, object> Metadata, ModelFingerprint Fingerprint, long FrozenByteSize, bool IsOutputTied, AdapterInputs? Adapters,
        Func<LlamaRuntime, MatrixMultiplier, bool, ModelLayers> CreateLayers);
}
