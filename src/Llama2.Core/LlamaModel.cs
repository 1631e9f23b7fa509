using System.Runtime.CompilerServices;
using Llama2.Conversion;
using Llama2.Formats;
using Llama2.Generation;
using Llama2.Kernels;
using Llama2.Memory;
using Llama2.Model;
using Llama2.Sampling;
using Llama2.Tensors;
using Llama2.Threading;
using Llama2.Tokenization;
using static System.FormattableString;

namespace Llama2;

/// <summary>A model of the Llama family, loaded from a file: the way in. Thread-safe; see <see cref="ILlamaModel"/>.</summary>
/// <example><code>
/// using LlamaModel model = LlamaModel.Load("llama-2-7b.Q4_K_M.gguf");
/// await foreach (GenerationUpdate update in model.GenerateAsync("Once upon a time"))
///     Console.Write(update.Text);
/// </code></example>
public sealed partial class LlamaModel : ILlamaModel
{
    // Whole contexts of keys and values at the same time, unless the options say otherwise.
    private const int MaxContextCount = 64;
    private readonly ModelFingerprint _fingerprint;
    private readonly bool _ownsRuntime;
    private readonly LlamaWeights _weights;
    private readonly Attention _attention;
    private readonly KernelTier _tier;
    private readonly KeyValuePool _memory;
    private readonly Scheduler _scheduler;
    private volatile bool _isDisposed;

    private LlamaModel(
        string path, ModelFingerprint fingerprint, string? chatTemplate, ModelConfiguration configuration, Vocabulary vocabulary, int contextLength, LlamaWeights weights, Attention attention,
        KernelTier tier, LlamaRuntime runtime, PassCapacity capacity, LlamaModelOptions options)
    {
        Path = path;
        _fingerprint = fingerprint;
        ChatTemplate = chatTemplate;
        Configuration = configuration;
        Tokenizer = ModelTokenizer.Create(vocabulary);
        ContextLength = contextLength;
        _weights = weights;
        _attention = attention;
        _tier = tier;
        Runtime = runtime;
        _ownsRuntime = options.OwnsRuntime;
        var state = new InferenceState(configuration, capacity.TokenCount, capacity.LogitsCount, runtime.ThreadCount);
        _memory = new KeyValuePool(configuration, attention, options.KeyValueCacheByteSize ?? ChooseCacheByteSize(configuration, attention, contextLength));
        configuration = configuration with { RopeScaling = configuration.RopeScaling.For(configuration.ContextLength, contextLength) };
        try
        {
            _scheduler = new Scheduler(
                new LlamaTransformer(configuration, weights, attention, runtime.Workers), state, _memory, runtime, options.MaximumWaitingCount, options.ReaderIdleLimit);
        }
        catch
        {
            // It would have done so at its end.
            _memory.Dispose();
            state.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public ModelConfiguration Configuration { get; }

    /// <inheritdoc/>
    public ModelTokenizer Tokenizer { get; }

    /// <inheritdoc/>
    public int ContextLength { get; }

    /// <summary>The threads that the model computes with, and shares with the other models of this runtime.</summary>
    public LlamaRuntime Runtime { get; }

    /// <inheritdoc/>
    public int ThreadCount
    {
        get => Runtime.ThreadCount;
        set
        {
            WorkerPool.CheckThreadCount(value, nameof(value));
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            long addedBytes = (value - ThreadCount) * PassThreads.ByteSizePerThread(Configuration);
            if (addedBytes > 0)
            {
                MemoryBudget.Require(addedBytes, Invariant($"{value:N0} threads"), $"Set a smaller {nameof(ThreadCount)}");
            }

            Runtime.ThreadCount = value;
        }
    }

    /// <summary>
    /// 64 hexadecimal digits that tell this model from another: a SHA-256 digest of the vocabulary, of what of the file's configuration changes the
    /// results and is in no tensor, and of each tensor's name, type, shape and sampled bytes (its first 4 KiB, and 1 KiB at a third, at two thirds
    /// and at the end). A scaling of the rotary embedding that <see cref="LlamaModelOptions.RopeScaling"/> sets is no part of it.
    /// </summary>
    public string Fingerprint => _fingerprint.Value;

    /// <inheritdoc/>
    public bool HasFingerprint(string fingerprint) => _fingerprint.Matches(fingerprint);

    /// <inheritdoc/>
    public LlamaModelStatistics Statistics
        => new(_scheduler.RunningCount, _scheduler.WaitingCount, _memory.UsedByteSize, _memory.PageCapacity * _memory.PageByteSize) { StalledCount = _scheduler.StalledCount, AbandonedCount = _scheduler.AbandonedCount };

    /// <summary>The file that the model was loaded from, as the caller named it.</summary>
    public string Path { get; }

    /// <summary>The model's chat template in Jinja (<c>tokenizer.chat_template</c>), or null; see <see cref="PromptFormat.Detect(ILlamaModel, CancellationToken)"/>.</summary>
    public string? ChatTemplate { get; }

    /// <summary>
    /// Loads a model in any published form, which its content tells: a GGUF file of version 2 or 3, whole or any part of one that is split, a
    /// Hugging Face folder or a file of its weights, or a llama2.c checkpoint.
    /// </summary>
    /// <param name="path">The file or folder.</param>
    /// <param name="options">How to load it; null takes the defaults.</param>
    /// <param name="progress">Told after each tensor, on the calling thread.</param>
    /// <param name="cancellationToken">Ends the loading within a few rows of weights; nothing stays allocated.</param>
    /// <returns>The model; dispose it to free the weights.</returns>
    /// <exception cref="ModelFormatException">A file is malformed or missing, or uses what this library does not support.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><see cref="LlamaModelOptions.ContextLength"/> is longer than the model was trained for, or than <see cref="LlamaModelOptions.RopeScaling"/> makes that.</exception>
    /// <exception cref="LlamaMemoryException">There is no memory for the weights, or for the context.</exception>
    /// <exception cref="LlamaThreadException">The operating system refuses to start a thread.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static LlamaModel Load(
        string path, LlamaModelOptions? options = null, IProgress<LoadProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        options ??= new LlamaModelOptions();
        using IModelFile file = ModelFiles.Open(path, options.UseMemoryMapping, options.TokenizerPath);
        return Load(file, options, progress, cancellationToken);
    }

    /// <summary>Loads a file on a thread of its own, or on one of the thread pool's if the runtime <see cref="LlamaRuntime.UsesCallingThreads"/>; as <see cref="Load(string, LlamaModelOptions?, IProgress{LoadProgress}?, CancellationToken)"/>.</summary>
    /// <param name="path">The file.</param>
    /// <param name="options">How to load it; null takes the defaults.</param>
    /// <param name="progress">Told after each tensor, on the loading thread.</param>
    /// <param name="cancellationToken">Ends the loading.</param>
    public static Task<LlamaModel> LoadAsync(
        string path, LlamaModelOptions? options = null, IProgress<LoadProgress>? progress = null, CancellationToken cancellationToken = default)
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

    /// <inheritdoc/>
    public IAsyncEnumerable<GenerationUpdate> GenerateAsync(string prompt, GenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        int[] tokens = Tokenizer.Encode(prompt, Tokenizer.AddsBeginOfSequence);
        return GenerateAsync(tokens, continuesText: prompt.Length > 0, options ?? new GenerationOptions(), cancellationToken);
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<GenerationUpdate> GenerateAsync(
        ReadOnlyMemory<int> promptTokens, GenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        int[] tokens = promptTokens.ToArray();
        bool continuesText = Array.Exists(tokens, token => (uint)token < (uint)Configuration.VocabularySize && !Tokenizer.IsControl(token));
        return GenerateAsync(tokens, continuesText, options ?? new GenerationOptions(), cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<float[]> ComputeLogitsAsync(ReadOnlyMemory<int> tokens, ComputationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        int[] copy = tokens.ToArray();
        CheckTokens(copy);
        if (copy.Length > ContextLength)
        {
            throw new ContextLengthException(copy.Length, ContextLength);
        }

        RequireRoomFor(copy.Length);

        const string Remedy = "Ask for the logits of fewer tokens at a time";
        long logitsCount = (long)copy.Length * Configuration.VocabularySize;
        MemoryBudget.Require(logitsCount * sizeof(float), "the logits", Remedy);
        if (logitsCount > Array.MaxLength)
        {
            throw new LlamaMemoryException(
                $"An array holds at most {Array.MaxLength} logits; {logitsCount} are requested. {Remedy}.", logitsCount * sizeof(float), (long)Array.MaxLength * sizeof(float));
        }

        var sequence = new LogitsSequence(copy, Configuration.VocabularySize, SelectAdapters(options?.Adapters ?? []));
        _scheduler.Start(sequence);
        using CancellationTokenRegistration registration = cancellationToken.UnsafeRegister(_ => _scheduler.Abort(sequence, cancellationToken), null);
        return await _scheduler.WaitAsync(sequence.Logits).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<float[]> ComputeLogProbabilitiesAsync(
        ReadOnlyMemory<int> tokens, int start = 1, ComputationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        int[] copy = tokens.ToArray();
        CheckTokens(copy);
        if (copy.Length < 2)
        {
            throw new ArgumentException("There is one token, and nothing after it to score; give 2 or more.", nameof(tokens));
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(start, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(start, copy.Length);
        if (copy.Length - 1 > ContextLength)
        {
            throw new ContextLengthException(copy.Length - 1, ContextLength);
        }

        RequireRoomFor(copy.Length - 1);
        var sequence = new LogProbabilitySequence(copy, start, Configuration.VocabularySize, options?.PrefixScope, SelectAdapters(options?.Adapters ?? []));
        _scheduler.Start(sequence);
        using CancellationTokenRegistration registration = cancellationToken.UnsafeRegister(_ => _scheduler.Abort(sequence, cancellationToken), null);
        return await _scheduler.WaitAsync(sequence.Scores).ConfigureAwait(false);
    }

    /// <summary>
    /// Bytes of memory that generating one token alone reads: the weights as they are kept in memory, of the embeddings one row, and the keys
    /// and values of the context in whole blocks. <see cref="MemoryBandwidth"/> divided by it bounds the tokens a second.
    /// </summary>
    /// <param name="contextTokenCount">Tokens up to the one computed, itself included; 1 to <see cref="ContextLength"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number of tokens is out of range.</exception>
    public long DecodeByteSize(int contextTokenCount)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(contextTokenCount, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(contextTokenCount, ContextLength);
        return _weights.DecodeByteSize + KeyValueCache.ByteSizeFor(Configuration, _attention, contextTokenCount);
    }

    /// <summary>Frees the weights. Generations under way end with <see cref="ObjectDisposedException"/>; the call waits for the current layer.</summary>
    public void Dispose()
    {
        _isDisposed = true;
        _scheduler.Dispose();
        if (_ownsRuntime)
        {
            Runtime.Dispose();
        }

        _weights.Dispose();
    }

    internal static LlamaModel Load(IModelFile file, LlamaModelOptions options, IProgress<LoadProgress>? progress, CancellationToken cancellationToken)
    {
        ModelConfiguration configuration = ConfigurationReader.Read(file);
        KernelTier tier = options.Tier ?? LlamaHardware.ChooseTier();
        LlamaRuntime runtime = options.ChooseRuntime();
        if (WarmUp.For(file.Tensors, configuration, tier, options.KeyValueCacheType) is { } warmUp)
        {
            runtime.Workers.RunAside(warmUp);
        }

        LlamaWeights? weights = null;
        try
        {
            Vocabulary vocabulary = ReadVocabulary(file, configuration);
            ModelFingerprint fingerprint = ModelFingerprint.Read(file, vocabulary, configuration);
            string? chatTemplate = new MetadataReader(file).FindString(ModelFileInformation.ChatTemplateKey);
            int contextLength = ContextExtension.ChooseLength(configuration, options);
            configuration = ContextExtension.Apply(configuration, options.RopeScaling);
            var capacity = PassCapacity.For(configuration, contextLength, file.Tensors.Sum(tensor => tensor.ByteSize));
            RequireMemory(file, configuration, contextLength, capacity, runtime.ThreadCount);
            weights = new WeightLoader(file, configuration, runtime, tier, progress, cancellationToken) { Observe = options.Observe }.Load();
            Attention attention = WeightMatrixFactory.CreateAttention(options.KeyValueCacheType ?? weights.CacheType, configuration.HeadLength, tier);
            return new LlamaModel(file.Path, fingerprint, chatTemplate, configuration, vocabulary, contextLength, weights, attention, tier, runtime, capacity, options);
        }
        catch
        {
            weights?.Dispose();
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
                file.Path, file.MetadataOffset("tokenizer.ggml.tokens"), "vocabulary size", Invariant($"{vocabulary.Count:N0}"), Invariant($"the model has embeddings for {configuration.VocabularySize:N0} tokens: the file mixes two models"));
    }

    private static void RequireMemory(IModelFile file, ModelConfiguration configuration, int contextLength, PassCapacity capacity, int threadCount)
    {
        long weightBytes = WeightByteSize(file), activationBytes = InferenceState.ByteSizeFor(configuration, capacity.TokenCount, capacity.LogitsCount, threadCount: 0);
        if (weightBytes + activationBytes > 4 * file.Tensors.Sum(tensor => tensor.ByteSize) + (16 << 20))
        {
            throw new ModelFormatException(
                file.Path, -1, "the memory for its weights and one token", ByteSizeText.Needed(weightBytes + activationBytes),
                "that is more than 4 times its tensors and 16 MiB: no model has such wide layers with so few weights: the file is damaged");
        }

        MemoryBudget.Require(weightBytes, $"the weights of '{file.Path}'", "Use a model of fewer parameters, or one quantized to fewer bits");
        MemoryBudget.Require(
            weightBytes + activationBytes + threadCount * PassThreads.ByteSizePerThread(configuration),
            Invariant($"the weights of '{file.Path}' and {contextLength:N0} tokens of context on {threadCount:N0} threads"),
            $"Set a shorter context ({nameof(LlamaModelOptions)}.{nameof(LlamaModelOptions.ContextLength)}, --context), or fewer threads ({nameof(LlamaModelOptions)}.{nameof(LlamaModelOptions.ThreadCount)}, --threads)");
    }

    // A tied table of embeddings is in memory twice: as the table, and packed as the output matrix.
    private static long WeightByteSize(IModelFile file)
        => file.Tensors.Sum(PackedByteSize)
            + (file.TryGetTensor(TensorNames.Output, out _) || !file.TryGetTensor(TensorNames.TokenEmbedding, out TensorDescription? table) ? 0 : PackedByteSize(table));

    // Matrices are kept in whole panels.
    private static long PackedByteSize(TensorDescription tensor)
        => tensor.RowCount == 1 ? tensor.ByteSize : tensor.RowByteSize * ((tensor.RowCount + WeightMatrix.PanelRowCount - 1) / WeightMatrix.PanelRowCount * WeightMatrix.PanelRowCount);

    // A context at least, since one was asked for; of a small model not all that there is.
    private static long ChooseCacheByteSize(ModelConfiguration configuration, Attention attention, int contextLength)
    {
        long context = KeyValueCache.ByteSizeFor(configuration, attention, contextLength), available = MemoryBudget.AvailableBytes;
        return Math.Max(KeyValuePage.ByteSizeFor(configuration, attention), Math.Min(MaxContextCount * context, Math.Max(Math.Min(context, available), available / 2)));
    }

    private IAsyncEnumerable<GenerationUpdate> GenerateAsync(int[] prompt, bool continuesText, GenerationOptions options, CancellationToken cancellationToken)
    {
        CheckTokens(prompt);
        if (prompt.Length >= ContextLength)
        {
            throw new ContextLengthException(prompt.Length, ContextLength);
        }

        return Stream(prompt, continuesText, options, SelectAdapters(options.Adapters), cancellationToken);
    }

    private async IAsyncEnumerable<GenerationUpdate> Stream(
        int[] prompt, bool continuesText, GenerationOptions options, AdapterSet adapters, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        TextSequence sequence = CreateSequence(prompt, continuesText, options, adapters);
        _scheduler.Start(sequence);
        using var lease = new ReaderLease(_scheduler, sequence, cancellationToken);
        while (await _scheduler.WaitAsync(sequence.Updates.WaitToReadAsync()).ConfigureAwait(false))
        {
            while (sequence.Updates.TryRead(out GenerationUpdate update))
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (sequence.ReaderMadeRoom())
                {
                    _scheduler.Wake();
                }

                yield return update;
            }
        }
    }

    private TextSequence CreateSequence(int[] prompt, bool continuesText, GenerationOptions options, AdapterSet adapters)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        int capacity = (int)Math.Min(ContextLength, (long)prompt.Length + (options.MaxTokens ?? int.MaxValue));
        RequireRoomFor(capacity);
        DryPenalty? dryPenalty = options is { DryMultiplier: > 0, DryWindow: null or > 0 }
            ? new DryPenalty(options, capacity, SequenceBreakerTokens.Find(options.DrySequenceBreakers, Tokenizer))
            : null;
        var sampler = new Sampler(options, Configuration.VocabularySize, dryPenalty);
        int[] tokens = new int[capacity];
        prompt.CopyTo(tokens, 0);
        return new TextSequence(tokens, prompt.Length, ContextLength, continuesText, Tokenizer, options, sampler, Runtime.TimeProvider, adapters);
    }

    // Before it waits for what it can never have.
    private void RequireRoomFor(int capacity)
    {
        if (!_memory.HasRoomFor(capacity))
        {
            throw _memory.Refused(capacity);
        }
    }

    private void CheckTokens(int[] tokens, string name = "tokens")
    {
        if (tokens.Length == 0)
        {
            throw new ArgumentException($"There is no token in {name}: an empty text needs a begin-of-sequence token, which this vocabulary does not add.", name);
        }

        int bad = Array.FindIndex(tokens, token => (uint)token >= (uint)Configuration.VocabularySize);
        if (bad >= 0)
        {
            throw new ArgumentException($"Token {bad:N0} of {name} is {tokens[bad]:N0}; the vocabulary has ids 0 to {Configuration.VocabularySize - 1:N0}.", name);
        }
    }
}
