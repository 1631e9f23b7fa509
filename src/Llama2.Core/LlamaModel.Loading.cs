using Llama2.Architectures;
using Llama2.Conversion;
using Llama2.Formats;
using Llama2.Generation;
using Llama2.Kernels;
using Llama2.Memory;
using Llama2.Model;
using Llama2.Quantization;
using Llama2.Speculation;
using Llama2.Tensors;
using Llama2.Threading;
using Llama2.Tokenization;
using static System.FormattableString;

namespace Llama2;

// The members that load models.
public sealed partial class LlamaModel
{
    /// <summary>
    /// Loads a model in any published form, which is detected from the content. The forms are a GGUF file of version 2 or 3, any part of a GGUF file
    /// that was split, a Hugging Face folder or a file of its weights, and a llama2.c checkpoint.
    /// </summary>
    /// <param name="path">
    /// The file or folder; if it does not exist, the name of a model that was pulled into the default <see cref="LlamaModelStore"/>, such as
    /// <c>owner/repository:Q4_K_M</c>.
    /// </param>
    /// <param name="options">How to load it; null takes the defaults.</param>
    /// <param name="progress">Reported after each tensor, on the calling thread.</param>
    /// <param name="cancellationToken">Ends the loading after at most a few more rows of weights; all memory is freed.</param>
    /// <returns>The model; dispose it to free the weights.</returns>
    /// <exception cref="LlamaException"><see cref="LlamaModelOptions.KernelTier"/> names a tier that this process cannot use.</exception>
    /// <exception cref="ModelStoreException">Several pulled models have this name.</exception>
    /// <exception cref="ModelFormatException">A file is malformed or missing, or uses a feature that this library does not support.</exception>
    /// <exception cref="DraftModelException">The model of <see cref="LlamaModelOptions.DraftModel"/> has another vocabulary.</exception>
    /// <exception cref="ArgumentOutOfRangeException">
    /// <see cref="LlamaModelOptions.ContextLength"/> exceeds the length that the model was trained for, or the length that
    /// <see cref="LlamaModelOptions.RopeScaling"/> allows.
    /// </exception>
    /// <exception cref="LlamaMemoryException">There is not enough memory for the weights or for the context.</exception>
    /// <exception cref="LlamaThreadException">The operating system refuses to start a thread.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The process has no permission to read the file.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static LlamaModel Load(
        string path, LlamaModelOptions? options = null, IProgress<ByteProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        options ??= new LlamaModelOptions();
        using IModelFile file = ModelFiles.Open(LlamaModelStore.Resolve(path), options.UseMemoryMapping, options.TokenizerPath);
        return Load(file, options, progress, cancellationToken);
    }

    /// <summary>
    /// Loads a file on a separate thread, or, if <see cref="LlamaRuntime.UsesCallingThreads"/> is set for the runtime, on a thread of the thread
    /// pool. In all other respects, this method is the same as <see cref="Load(string, LlamaModelOptions?, IProgress{ByteProgress}?, CancellationToken)"/>.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="options">How to load it; null takes the defaults.</param>
    /// <param name="progress">Reported after each tensor, on the loading thread.</param>
    /// <param name="cancellationToken">Ends the loading.</param>
    public static Task<LlamaModel> LoadAsync(
        string path, LlamaModelOptions? options = null, IProgress<ByteProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        try
        {
            TaskCreationOptions thread = options?.Runtime is { UsesCallingThreads: true } ? TaskCreationOptions.None : TaskCreationOptions.LongRunning;
            return Task.Factory.StartNew(() => Load(path, options, progress, cancellationToken), cancellationToken, thread, TaskScheduler.Default);
        }
        catch (TaskSchedulerException exception)
        {
            return Task.FromException<LlamaModel>(BackgroundThread.Refused("loading", exception));
        }
    }

    /// <summary>Computes how much memory a model would take, from the tables of its files. The weights are not read, and nothing is allocated for them.</summary>
    /// <param name="path">The file, folder or pulled model, as for <see cref="Load(string, LlamaModelOptions?, IProgress{ByteProgress}?, CancellationToken)"/>.</param>
    /// <param name="options">How it would be loaded; null takes the defaults.</param>
    /// <returns>The sizes; <see cref="LlamaMemoryEstimate.Fits"/> says whether the memory for one full context is available now.</returns>
    /// <exception cref="LlamaException"><see cref="LlamaModelOptions.KernelTier"/> names a tier that this process cannot use.</exception>
    /// <exception cref="ModelStoreException">Several pulled models have this name.</exception>
    /// <exception cref="ModelFormatException">A file is malformed or missing, or uses a feature that this library does not support.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><see cref="LlamaModelOptions.ContextLength"/> is longer than the model allows.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The process has no permission to read the file.</exception>
    public static LlamaMemoryEstimate EstimateMemory(string path, LlamaModelOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        options ??= new LlamaModelOptions();
        using IModelFile file = ModelFiles.Open(LlamaModelStore.Resolve(path), options.UseMemoryMapping, options.TokenizerPath);
        return EstimateMemory(file, ConfigurationReader.Read(file), options);
    }

    private static LlamaMemoryEstimate EstimateMemory(IModelFile file, ModelConfiguration configuration, LlamaModelOptions options)
    {
        KernelTier tier = options.KernelTier is { } chosen ? LlamaHardware.RequireTier(chosen) : LlamaHardware.ChooseTier();
        int contextLength = ContextExtension.ChooseLength(configuration, options);
        var capacity = PassCapacity.For(configuration, contextLength, file.Tensors.Sum(tensor => tensor.ByteSize));
        int threadCount = options.ThreadCount ?? options.Runtime?.ThreadCount ?? LlamaHardware.PhysicalCoreCount;
        KeyValueCacheType cacheType = options.KeyValueCacheType ?? LlamaWeights.CacheTypeFor(HasQuantizedKeys(file, configuration), tier);
        Attention attention = WeightMatrixFactory.CreateAttention(cacheType, configuration.HeadLength, tier);
        long weightByteSize = WeightByteSize(file, tier), activationByteSize = ActivationByteSize(configuration, capacity, threadCount);
        long draftByteSize = options.DraftModel is { } draftPath ? EstimateDraftMemory(draftPath, contextLength, options) : 0;
        return new LlamaMemoryEstimate
        {
            DraftModelByteSize = draftByteSize,
            WeightByteSize = weightByteSize,
            ActivationByteSize = activationByteSize,
            ContextLength = contextLength,
            KeyValueCacheType = cacheType,
            ContextByteSize = KeyValueCache.ByteSizeFor(configuration, attention, contextLength),
            KeyValueCacheByteSize = options.KeyValueCacheByteSize
                ?? ChooseCacheByteSize(configuration, attention, contextLength, Math.Max(0, MemoryBudget.AvailableBytes - weightByteSize - activationByteSize - draftByteSize)),
            AvailableByteSize = MemoryBudget.AvailableBytes,
        };
    }

    internal static LlamaModel Load(IModelFile file, LlamaModelOptions options, IProgress<ByteProgress>? progress, CancellationToken cancellationToken)
    {
        ModelConfiguration configuration = ConfigurationReader.Read(file);
        KernelTier tier = options.KernelTier is { } chosen ? LlamaHardware.RequireTier(chosen) : LlamaHardware.ChooseTier();
        LlamaRuntime runtime = options.ChooseRuntime();
        if (WarmUp.For(file.Tensors, configuration, tier, options.KeyValueCacheType) is { } warmUp)
        {
            runtime.Workers.RunAside(warmUp);
        }

        LlamaWeights? weights = null;
        DraftModel? draftModel = null;
        WeightStorage? panels = null;
        try
        {
            Vocabulary vocabulary = ReadVocabulary(file, configuration);
            ModelFingerprint fingerprint = ModelFingerprint.Read(file, vocabulary, configuration);
            string? chatTemplate = new MetadataReader(file).FindString(VocabularyKeys.ChatTemplate);
            int contextLength = ContextExtension.ChooseLength(configuration, options);
            configuration = ContextExtension.Apply(configuration, options.RopeScaling);
            var capacity = PassCapacity.For(configuration, contextLength, file.Tensors.Sum(tensor => tensor.ByteSize));
            RequirePlausibleSize(file, configuration, capacity, tier);
            var plan = new WeightPlan(file, configuration, tier);
            PanelFile? panelFile = PanelFileFor(file, options);
            panels = panelFile?.TryMap(file, fingerprint.DigestTensors(), plan, new WeightReader(file, runtime, progress, cancellationToken), cancellationToken);
            IProgress<ByteProgress>? remaining = panelFile is { Status.IsCreated: true } ? null : progress;
            var loader = new WeightLoader(file, configuration, plan, new WeightReader(file, runtime, remaining, cancellationToken)) { Observe = options.Observe, Panels = panels };
            RequireMemory(file, configuration, contextLength, capacity, panels is null ? WeightByteSize(file, tier) : 0, runtime.ThreadCount);
            draftModel = options.DraftModel is { } draftPath ? LoadDraftModel(draftPath, vocabulary, contextLength, tier, runtime, options, cancellationToken) : null;
            weights = loader.Load();
            Attention attention = WeightMatrixFactory.CreateAttention(options.KeyValueCacheType ?? weights.CacheTypeFor(tier), configuration.HeadLength, tier);
            return new LlamaModel(file.Path, fingerprint, chatTemplate, configuration, vocabulary, contextLength, weights, attention, tier, runtime, capacity, draftModel, options)
            {
                PanelFile = panelFile?.Status,
            };
        }
        catch
        {
            weights?.Dispose();
            draftModel?.Dispose();
            panels?.Dispose();
            if (options.OwnsRuntime)
            {
                runtime.Dispose();
            }

            throw;
        }
    }

    private static Vocabulary ReadVocabulary(IModelFile file, ModelConfiguration configuration)
    {
        Vocabulary vocabulary = GgufVocabularyReader.Read(file);
        return vocabulary.Count == configuration.VocabularySize
            ? vocabulary
            : throw new ModelFormatException(
                file.Path, file.MetadataOffset(VocabularyKeys.Pieces), "vocabulary size", Invariant($"{vocabulary.Count:N0}"), Invariant($"the model has embeddings for {configuration.VocabularySize:N0} tokens: the file mixes two models"));
    }

    private static PanelFile? PanelFileFor(IModelFile file, LlamaModelOptions options) => options.PanelFile == PanelFileUse.None
        ? null
        : new PanelFile(PanelFileName.PathFor(file.Path, options.PanelFolder), options.PanelFile, options.VerifyPanelFile);

    private static void RequirePlausibleSize(IModelFile file, ModelConfiguration configuration, PassCapacity capacity, KernelTier tier)
    {
        long weightBytes = WeightByteSize(file, tier), activationBytes = InferenceState.ByteSizeFor(configuration, capacity.TokenCount, capacity.LogitsCount, threadCount: 0);
        if (weightBytes + activationBytes > 4 * file.Tensors.Sum(tensor => tensor.ByteSize) + (16 << 20))
        {
            throw new ModelFormatException(
                file.Path, null, "the memory for its weights and one token", ByteSizeText.Needed(weightBytes + activationBytes),
                "it must be at most 4 times the size of its tensors plus 16 MiB, because no model has such wide layers with so few weights: the file is damaged");
        }
    }

    private static void RequireMemory(IModelFile file, ModelConfiguration configuration, int contextLength, PassCapacity capacity, long weightBytes, int threadCount)
    {
        MemoryBudget.Require(weightBytes, $"the weights of '{file.Path}'", "Use a model of fewer parameters, or one quantized to fewer bits");
        MemoryBudget.Require(
            weightBytes + ActivationByteSize(configuration, capacity, threadCount),
            Invariant($"the weights of '{file.Path}' and {contextLength:N0} tokens of context on {threadCount:N0} threads"),
            $"Set a shorter context ({nameof(LlamaModelOptions)}.{nameof(LlamaModelOptions.ContextLength)}, --context), or fewer threads ({nameof(LlamaModelOptions)}.{nameof(LlamaModelOptions.ThreadCount)}, --threads)");
    }

    // A type with blocks of several weights is quantized.
    private static bool HasQuantizedKeys(IModelFile file, ModelConfiguration configuration) => Enumerable.Range(0, configuration.LayerCount)
        .All(layer => file.TryGetTensor(LlamaTensors.Key.Name(layer), out TensorDescription? key) && GgmlTypes.BlockLength(key.Type) > 1);

    private static long ActivationByteSize(ModelConfiguration configuration, PassCapacity capacity, int threadCount)
        => InferenceState.ByteSizeFor(configuration, capacity.TokenCount, capacity.LogitsCount, threadCount: 0) + threadCount * PassThreads.ByteSizePerThread(configuration);

    // A tied embedding table is in memory twice: as the table, and packed as the output matrix.
    private static long WeightByteSize(IModelFile file, KernelTier tier)
    {
        string embedding = LlamaTensors.TokenEmbedding.Name();
        bool isTied = !file.TryGetTensor(LlamaTensors.Output.Name(), out _);
        return file.Tensors.Sum(tensor => tensor.Name == embedding
            ? tensor.ByteSize + (isTied ? MatrixByteSize(tensor, tier) : 0)
            : MatrixByteSize(tensor, tier));
    }

    // The loader refuses tensors of other types, so their size does not matter here.
    private static long MatrixByteSize(TensorDescription tensor, KernelTier tier) => tensor.RowCount == 1 || !WeightFormats.Supported.Contains(tensor.Type)
        ? tensor.ByteSize
        : WeightMatrixFactory.ByteSizeFor(tensor.Type, tensor.RowCount, tensor.Dimensions[0], tier);

    // The cache gets room for at least one context if that much memory is available, because the options request a context of that length. It gets
    // room for at most MaxContextCount contexts, so that a small model does not take half of a large memory.
    private static long ChooseCacheByteSize(ModelConfiguration configuration, Attention attention, int contextLength, long available)
    {
        long context = KeyValueCache.ByteSizeFor(configuration, attention, contextLength);
        return Math.Max(KeyValuePage.ByteSizeFor(configuration, attention), Math.Min(MaxContextCount * context, Math.Max(Math.Min(context, available), available / 2)));
    }
}
