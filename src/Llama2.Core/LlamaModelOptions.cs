using Llama2.Tensors;
using Llama2.Threading;

namespace Llama2;

/// <summary>How a model is loaded. Immutable; every property is checked when it is set.</summary>
public sealed record LlamaModelOptions
{
    /// <summary>
    /// The maximum number of tokens of prompt and answer together, 1 or more; null (the default) takes the length that the model was trained for. With <see
    /// cref="RopeScaling"/>, the context may be up to that length times the factor, at most 16,777,216. With dynamic scaling, set here or in the model's file,
    /// the context may be longer still. A length that is too long is refused when the model is loaded.
    /// </summary>
    public int? ContextLength
    {
        get;
        init
        {
            if (value is int length)
            {
                ArgumentOutOfRangeException.ThrowIfLessThan(length, 1, nameof(ContextLength));
            }

            field = value;
        }
    }

    /// <summary>
    /// How the rotary embedding is scaled to a longer context than the model was trained for. Null (the default) takes the scaling of the file; any
    /// other value replaces it. Scaling permits a longer <see cref="ContextLength"/>, which must be set as well. A file's frequency factors
    /// (<c>rope_freqs.weight</c>) are weights and remain in use.
    /// </summary>
    public RopeScaling? RopeScaling { get; init; }

    /// <summary>
    /// The threads that compute; null (the default) takes <see cref="LlamaRuntime.Shared"/>, or a new runtime if <see cref="ThreadCount"/> is set.
    /// </summary>
    public LlamaRuntime? Runtime { get; init; }

    /// <summary>
    /// Gives the model a runtime of its own with this number of threads, 1 to 1,024. That runtime is disposed with the model. Null (the default)
    /// gives the model no runtime of its own. The property must not be set together with <see cref="Runtime"/>.
    /// </summary>
    public int? ThreadCount
    {
        get;
        init
        {
            if (value is int count)
            {
                WorkerPool.CheckThreadCount(count, nameof(ThreadCount));
            }

            field = value;
        }
    }

    /// <summary>
    /// The instruction set of the kernels, one of <see cref="LlamaHardware.SupportedKernelTiers"/>; null (the default) takes the one that the
    /// environment variable <c>LLAMA2_KERNEL_TIER</c> names, or else the fastest. Results do not depend on the tier, except on x86 processors without FMA.
    /// </summary>
    public KernelTier? KernelTier
    {
        get;
        init => field = value is not { } tier || Enum.IsDefined(tier)
            ? value
            : throw new ArgumentOutOfRangeException(nameof(KernelTier), tier, $"It must be one of {string.Join(", ", LlamaHardware.SupportedKernelTiers)}.");
    }

    /// <summary>
    /// Whether the file is read through a memory mapping instead of read calls; default false. The weights are copied into the process's own memory
    /// either way; <see cref="PanelFile"/> maps them instead. If another process truncates the file while it is mapped, the operating system ends this
    /// process: leave this option off if that can happen.
    /// </summary>
    public bool UseMemoryMapping { get; init; }

    /// <summary>
    /// Whether the weights are taken from a panel file, and whether it is created if it is missing; default <see cref="PanelFileUse.None"/>. Results do
    /// not depend on it. The file is mapped for as long as the model is loaded: if another process truncates it, the operating system ends this
    /// process. <see cref="LlamaModel.PanelFile"/> says whether the file was used, and why not.
    /// </summary>
    public PanelFileUse PanelFile
    {
        get;
        init => field = Enum.IsDefined(value) ? value : throw new ArgumentOutOfRangeException(nameof(PanelFile), value, "It must be None, Read or Create.");
    }

    /// <summary>
    /// The folder of the panel file, which must exist; null (the default) takes the folder of the model. The file's name is that of the model's file or
    /// folder with <c>.panels</c> appended, so models of the same name need different folders. Everyone who can write to the file can change the model's
    /// answers, as with the model file.
    /// </summary>
    public string? PanelFolder
    {
        get;
        init => field = CheckNotEmpty(value, nameof(PanelFolder));
    }

    /// <summary>
    /// Whether every byte of a panel file is compared with the digests in it before it is used; default false. This takes longer than loading
    /// without a panel file. Without it, the length, the header, the state of the model file, and the first and the last panel of every matrix are checked.
    /// </summary>
    public bool VerifyPanelFile { get; init; }

    /// <summary>
    /// The path of a tokenizer to use instead of the model's own: any file that <see cref="ModelTokenizer.Load"/> opens. Null (the default) takes the
    /// model's own tokenizer. For a llama2.c checkpoint, this is the <c>tokenizer.bin</c>, <c>tokenizer.model</c> or <c>tokenizer.json</c> beside it.
    /// </summary>
    public string? TokenizerPath { get; init; }

    /// <summary>
    /// How the keys and values of past tokens are stored. For a model with quantized weights, null (the default) takes
    /// the faster one of two types with 16 bits, because these add nothing noticeable to the error of such weights: <see cref="KeyValueCacheType.I16"/> on x86
    /// processors with AVX2, <see cref="KeyValueCacheType.F16"/> on others. For any other model, null takes <see cref="KeyValueCacheType.F32"/>.
    /// </summary>
    public KeyValueCacheType? KeyValueCacheType
    {
        get;
        init => field = value is not { } type || Enum.IsDefined(type)
            ? value
            : throw new ArgumentOutOfRangeException(nameof(KeyValueCacheType), type, "It must be F32, F16, BF16, Q8_0 or I16.");
    }

    /// <summary>
    /// The maximum size in bytes of the keys and values of all generations together, including those kept for later prompts with the same beginning;
    /// 1 MiB or more. Null (the default) takes half of the memory that the process may still allocate when the model is loaded. If one context needs more than
    /// this half, null takes the size of one context, as far as it is available. Null never takes more than 64 contexts need. Memory is allocated when it is
    /// needed.
    /// </summary>
    public long? KeyValueCacheByteSize
    {
        get;
        init
        {
            if (value is long size)
            {
                ArgumentOutOfRangeException.ThrowIfLessThan(size, 1 << 20, nameof(KeyValueCacheByteSize));
            }

            field = value;
        }
    }

    /// <summary>
    /// The maximum number of calls that wait until there is memory for their keys and values, 1 to 1,000,000; default 1,024. Further calls are
    /// refused with <see cref="LlamaBusyException"/>.
    /// </summary>
    public int MaxWaitingCount
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1, nameof(MaxWaitingCount));
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, 1_000_000, nameof(MaxWaitingCount));
            field = value;
        }
    } = 1024;

    /// <summary>
    /// How long a generation may wait for its reader before it is ended with <see cref="ReaderIdleException"/> and its memory is freed: 1 millisecond
    /// to 30 days, default 5 minutes; <see cref="Timeout.InfiniteTimeSpan"/> means no limit. A generation runs up to 63 updates ahead of its reader,
    /// or up to 127 with a <see cref="GenerationOptions.Constraint"/>, and then waits. Only this waiting time counts, and it is reset after each update
    /// that is read. An enumeration that is abandoned without being disposed ends its generation when it is garbage-collected, whatever the limit is.
    /// </summary>
    public TimeSpan ReaderIdleLimit
    {
        get;
        init
        {
            if (value != Timeout.InfiniteTimeSpan)
            {
                ArgumentOutOfRangeException.ThrowIfLessThan(value, TimeSpan.FromMilliseconds(1), nameof(ReaderIdleLimit));
                ArgumentOutOfRangeException.ThrowIfGreaterThan(value, TimeSpan.FromDays(30), nameof(ReaderIdleLimit));
            }

            field = value;
        }
    } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// How the next tokens of texts are guessed, so that one pass computes several tokens; the texts are the same. The default guesses what the text itself
    /// repeats, and what <see cref="DraftModel"/> guesses if there is one. <see cref="GenerationOptions.Speculation"/> replaces these options for a
    /// generation. <see cref="SpeculationOptions.Off"/> turns speculation off.
    /// </summary>
    public SpeculationOptions Speculation
    {
        get;
        init => field = value ?? throw new ArgumentNullException(nameof(Speculation));
    } = new();

    /// <summary>
    /// A small model that guesses the next tokens of texts (<see cref="DraftSource.DraftModel"/>): its path, or the name of a pulled model, as for
    /// <see cref="LlamaModel.Load(string, LlamaModelOptions?, IProgress{ByteProgress}?, CancellationToken)"/>; null (the default) for none. It must have the
    /// vocabulary of the model, else <see cref="DraftModelException"/> is thrown. It shares the threads of the model, is disposed with it, and guesses
    /// until a text is longer than the context that it was trained for. Its keys and values take up to an eighth of the available memory, or as much as one
    /// context needs, up to a quarter, in addition to <see cref="KeyValueCacheByteSize"/>. If it fails while it guesses, for example because memory is
    /// refused, the generations continue without its guesses, and say so in <see cref="GenerationUsage.DraftModelFault"/>. Must not be empty.
    /// </summary>
    public string? DraftModel
    {
        get;
        init => field = CheckNotEmpty(value, nameof(DraftModel));
    }

    /// <summary>
    /// Called once, with the first failure of <see cref="DraftModel"/>, so that it can be logged; null (the default) for nothing. Called by the thread that
    /// computes, which waits for it; an exception that it throws is ignored.
    /// </summary>
    public Action<Exception>? OnDraftModelFault { get; init; }

    /// <summary>Whether the model has a runtime of its own, which is disposed with the model.</summary>
    internal bool OwnsRuntime => Runtime is null && ThreadCount is not null;

    /// <summary>
    /// Called for each weight matrix after it has been filled, with the name of its tensor and the matrix itself. The returned matrix replaces it.
    /// </summary>
    internal Func<string, WeightMatrix, WeightMatrix>? Observe { get; init; }

    /// <summary>As <see cref="Observe"/>, for the matrices of <see cref="DraftModel"/>. Only tests set this.</summary>
    internal Func<string, WeightMatrix, WeightMatrix>? ObserveDraft { get; init; }

    /// <summary>The runtime that these options specify: a new one if <see cref="OwnsRuntime"/> is true.</summary>
    /// <exception cref="ArgumentException">Both a runtime and a number of threads are set.</exception>
    internal LlamaRuntime ChooseRuntime()
    {
        if (Runtime is not null && ThreadCount is not null)
        {
            throw new ArgumentException(
                $"{nameof(LlamaModelOptions)}.{nameof(Runtime)} and {nameof(ThreadCount)} are both set. Set one of them: the number of threads of a runtime is set by {nameof(LlamaRuntimeOptions)}.{nameof(LlamaRuntimeOptions.ThreadCount)}.");
        }

        return Runtime ?? (ThreadCount is null ? LlamaRuntime.Shared : new LlamaRuntime(new LlamaRuntimeOptions { ThreadCount = ThreadCount }));
    }

    private static string? CheckNotEmpty(string? value, string property)
    {
        if (value is not null)
        {
            ArgumentException.ThrowIfNullOrEmpty(value, property);
        }

        return value;
    }
}
