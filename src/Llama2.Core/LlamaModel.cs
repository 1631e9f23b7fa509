using System.Runtime.CompilerServices;
using Llama2.Conversion;
using Llama2.Generation;
using Llama2.Grammar.Matching;
using Llama2.Kernels;
using Llama2.Memory;
using Llama2.Model;
using Llama2.Sampling;
using Llama2.Speculation;
using Llama2.Tensors;
using Llama2.Threading;
using Llama2.Tokenization;
using static System.FormattableString;

namespace Llama2;

/// <summary>A model of the Llama family, loaded from a file: the entry point of this library. Thread-safe; see <see cref="ILlamaModel"/>.</summary>
/// <example><code>
/// using LlamaModel model = LlamaModel.Load("llama-2-7b.Q4_K_M.gguf");
/// await foreach (GenerationUpdate update in model.GenerateAsync("Once upon a time"))
///     Console.Write(update.Text);
/// </code></example>
public sealed partial class LlamaModel : ILlamaModel
{
    // The maximum number of full contexts whose keys and values are in memory at the same time, unless the options specify a size.
    private const int MaxContextCount = 64;
    private readonly ModelFingerprint _fingerprint;
    private readonly bool _ownsRuntime;
    private readonly LlamaWeights _weights;
    private readonly long _weightByteSize;
    private readonly long _mappedWeightByteSize;
    private readonly Attention _attention;
    private readonly KernelTier _tier;
    private readonly SpeculationOptions _speculation;
    private readonly int _draftContextLength;
    private readonly DraftBalance _draftBalance = new();
    private readonly KeyValuePool _memory;
    private readonly Scheduler _scheduler;
    private volatile bool _isDisposed;

    private LlamaModel(
        string path, ModelFingerprint fingerprint, string? chatTemplate, ModelConfiguration configuration, Vocabulary vocabulary, int contextLength, LlamaWeights weights, Attention attention,
        KernelTier tier, LlamaRuntime runtime, PassCapacity capacity, DraftModel? draftModel, LlamaModelOptions options)
    {
        Path = path;
        _fingerprint = fingerprint;
        ChatTemplate = chatTemplate;
        Configuration = configuration;
        Tokenizer = ModelTokenizer.Create(vocabulary);
        ContextLength = contextLength;
        _weights = weights;
        _weightByteSize = weights.ByteSize;
        _mappedWeightByteSize = weights.MappedByteSize;
        _attention = attention;
        _tier = tier;
        _speculation = options.Speculation;
        _draftContextLength = draftModel?.ContextLength ?? 0;
        ResultSettings = $"cache {options.KeyValueCacheType ?? weights.CacheTypeFor(tier)}|shape {ModelFingerprint.Describe(configuration)}";
        Runtime = runtime;
        _ownsRuntime = options.OwnsRuntime;
        var state = new InferenceState(configuration, capacity.TokenCount, capacity.LogitsCount, runtime.ThreadCount);
        _memory = new KeyValuePool(configuration, attention, options.KeyValueCacheByteSize ?? ChooseCacheByteSize(configuration, attention, contextLength, MemoryBudget.AvailableBytesBesideMappings));
        configuration = configuration with { RopeScaling = configuration.RopeScaling.For(configuration.ContextLength, contextLength) };
        try
        {
            _scheduler = new Scheduler(
                new LlamaTransformer(configuration, weights, attention, runtime.Workers), state, _memory, runtime, options.MaxWaitingCount, options.ReaderIdleLimit, draftModel,
                options.OnDraftModelFault);
        }
        catch
        {
            // Without a scheduler, nothing else would dispose these objects.
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

    /// <summary>The threads with which the model computes, and which it shares with the other models of this runtime.</summary>
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
    /// 64 hexadecimal digits that identify the model: a SHA-256 digest. It covers the vocabulary, and the properties in the file's configuration that change
    /// the results and are not part of a tensor. It also covers each tensor's name, type, shape and sampled bytes: the first 4 KiB, and 1 KiB at a third, at
    /// two thirds and at the end. Rotary scaling that is set by <see cref="LlamaModelOptions.RopeScaling"/> is not included.
    /// </summary>
    public string Fingerprint => _fingerprint.Value;

    /// <inheritdoc/>
    public bool HasFingerprint(string fingerprint) => _fingerprint.Matches(fingerprint);

    /// <inheritdoc/>
    public LlamaModelStatistics Statistics
        => new(_scheduler.RunningCount, _scheduler.WaitingCount, _memory.UsedByteSize, _memory.PageCapacity * _memory.PageByteSize)
        {
            StalledCount = _scheduler.StalledCount,
            AbandonedCount = _scheduler.AbandonedCount,
            WeightByteSize = _weightByteSize,
            MappedWeightByteSize = _mappedWeightByteSize,
            KeyValuePageByteSize = _memory.PageByteSize,
        };

    /// <summary>The file that the model was loaded from, as the caller named it.</summary>
    public string Path { get; }

    /// <summary>
    /// How the panel file was used when the model was loaded; null if <see cref="LlamaModelOptions.PanelFile"/> is <see cref="PanelFileUse.None"/>.
    /// </summary>
    public PanelFileStatus? PanelFile { get; private init; }

    /// <summary>
    /// The model's chat template in Jinja (<c>tokenizer.chat_template</c>); null if it has none. See
    /// <see cref="PromptFormat.Detect(ILlamaModel, CancellationToken)"/>.
    /// </summary>
    public string? ChatTemplate { get; }

    /// <summary>The options of loading that change results and are not part of <see cref="Fingerprint"/>, as a text: the type of keys and values, rotary scaling.</summary>
    internal string ResultSettings { get; }

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

        const string Remedy = "Compute the logits of fewer tokens at a time";
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

    /// <summary>
    /// The number of bytes of memory that are read to generate one token if no other generation is running. These are the weights in their form in
    /// memory, one row of the embeddings, and the keys and values of the context in whole blocks. The memory bandwidth (see
    /// <see cref="MemoryBandwidth"/>) divided by this number is an upper limit of the number of tokens per second.
    /// </summary>
    /// <param name="contextTokenCount">The number of tokens up to and including the computed one; 1 to <see cref="ContextLength"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number of tokens is out of range.</exception>
    public long GetDecodeByteSize(int contextTokenCount)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(contextTokenCount, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(contextTokenCount, ContextLength);
        return _weights.DecodeByteSize + KeyValueCache.ByteSizeFor(Configuration, _attention, contextTokenCount);
    }

    /// <summary>Frees the weights. Running generations end with <see cref="ObjectDisposedException"/>; the call waits for the current layer.</summary>
    public void Dispose()
    {
        _isDisposed = true;
        _scheduler.Dispose();
        if (_ownsRuntime)
        {
            Runtime.Dispose();
        }

        _weights.Dispose();
        FreedMemory.Return();
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
        GrammarConstraint? constraint = options.Constraint?.Start(
            Tokenizer,
            options.AttentionSinkCount is null ? capacity - prompt.Length : options.MaxTokens ?? int.MaxValue,
            options.StopTokens.Concat(options.FormatStopTokens).Where(token => token < Configuration.VocabularySize));
        var sampler = new Sampler(options, Configuration.VocabularySize, dryPenalty, CreateProcessors(options, prompt.Length), constraint);
        int[] tokens = new int[capacity];
        prompt.CopyTo(tokens, 0);
        return new TextSequence(
            tokens, prompt.Length, ContextLength, continuesText, Tokenizer, options, sampler, Runtime.TimeProvider, adapters,
            CreateSpeculator(options, prompt.Length, capacity), constraint);
    }

    private (ILogitProcessor, LogitProcessorPlace)[] CreateProcessors(GenerationOptions options, int promptTokenCount)
    {
        if (options.LogitProcessors.Count == 0)
        {
            return [];
        }

        var context = new LogitProcessorContext(Tokenizer, promptTokenCount);
        return
        [
            .. options.LogitProcessors.Select(step => (
                step.Create(context) ?? throw new InvalidOperationException($"A step of {nameof(GenerationOptions)}.{nameof(GenerationOptions.LogitProcessors)} created null; it must create a processor."),
                step.Place)),
        ];
    }

    // Called before a sequence is started, so that the sequence does not wait for memory that it can never get.
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
            throw new ArgumentException($"Token {bad:N0} of {name} is {tokens[bad]:N0}; it must be an id of the vocabulary, 0 to {Configuration.VocabularySize - 1:N0}.", name);
        }
    }
}
