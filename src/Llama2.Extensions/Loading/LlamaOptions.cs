using System.Collections.ObjectModel;
using Llama2.Extensions.Loading;

namespace Llama2.Extensions;

/// <summary>
/// The options of a model that <c>AddLlama</c> registers: its path, how it is loaded, and how chat clients use it. They are checked when a host
/// starts or, without a host, when the model is first resolved. Every property except <see cref="RopeScaling"/> can be set by configuration. The
/// configuration is read once; later changes have no effect.
/// </summary>
public sealed class LlamaOptions
{
    /// <summary>
    /// The path of the model's file or folder, absolute or relative to the current directory. If neither a file nor a folder exists there, the value
    /// is the name of a model that was pulled into the <see cref="ILlamaModelStore"/>: <c>owner/repository:file</c>. Required, and the model must
    /// exist, unless the application registers an <see cref="ILlamaModel"/> of its own.
    /// </summary>
    public string ModelPath { get; set; } = "";

    /// <inheritdoc cref="LlamaModelOptions.ContextLength"/>
    public int? ContextLength { get; set; }

    /// <summary>
    /// The number of threads, 1 to 1,024, of a <see cref="LlamaRuntime"/> that only this model uses. Null (the default) means the
    /// <see cref="LlamaRuntime"/> that is registered as a service or, if there is none, <see cref="LlamaRuntime.Shared"/>, in which several models
    /// share as many threads as there are cores.
    /// </summary>
    public int? ThreadCount { get; set; }

    /// <inheritdoc cref="LlamaModelOptions.KernelTier"/>
    public KernelTier? KernelTier { get; set; }

    /// <inheritdoc cref="LlamaModelOptions.TokenizerPath"/>
    public string? TokenizerPath { get; set; }

    /// <inheritdoc cref="LlamaModelOptions.UseMemoryMapping"/>
    public bool UseMemoryMapping { get; set; }

    /// <inheritdoc cref="LlamaModelOptions.PanelFile"/>
    public PanelFileUse PanelFile { get; set; }

    /// <inheritdoc cref="LlamaModelOptions.PanelFolder"/>
    public string? PanelFolder { get; set; }

    /// <inheritdoc cref="LlamaModelOptions.VerifyPanelFile"/>
    public bool VerifyPanelFile { get; set; }

    /// <inheritdoc cref="LlamaModelOptions.KeyValueCacheType"/>
    public KeyValueCacheType? KeyValueCacheType { get; set; }

    /// <inheritdoc cref="LlamaModelOptions.KeyValueCacheByteSize"/>
    public long? KeyValueCacheByteSize { get; set; }

    /// <summary>
    /// A small model that guesses the next tokens of texts, so that they are generated faster: its path, or the name of a pulled model, as for
    /// <see cref="ModelPath"/>. It must have the vocabulary of the model. Null (the default) for none. See <see cref="LlamaModelOptions.DraftModel"/>.
    /// </summary>
    public string? DraftModel { get; set; }

    /// <summary>
    /// The maximum number of guessed tokens of a generation that a pass computes: <see cref="SpeculationOptions.MaxDraftLength"/> of
    /// <see cref="LlamaModelOptions.Speculation"/>, with the same default. With 0, speculation is off.
    /// </summary>
    public int MaxDraftLength { get; set; } = new SpeculationOptions().MaxDraftLength;

    /// <inheritdoc cref="LlamaModelOptions.MaxWaitingCount"/>
    public int MaxWaitingCount { get; set; } = new LlamaModelOptions().MaxWaitingCount;

    /// <inheritdoc cref="LlamaModelOptions.ReaderIdleLimit"/>
    public TimeSpan ReaderIdleLimit { get; set; } = new LlamaModelOptions().ReaderIdleLimit;

    /// <inheritdoc cref="LlamaModelOptions.RopeScaling"/>
    /// <remarks>This property can be set only in code, not by configuration.</remarks>
    public RopeScaling? RopeScaling { get; set; }

    /// <summary>
    /// The name of the format of chat prompts, one of <see cref="Llama2.PromptFormat.Presets"/>, such as <c>llama-2</c>. Null (the default) means the
    /// format that <see cref="Llama2.PromptFormat.Detect(ILlamaModel, CancellationToken)"/> detects.
    /// </summary>
    public string? PromptFormat { get; set; }

    /// <inheritdoc cref="LlamaChatClientOptions.SpecialTokens"/>
    public SpecialTokenPolicy SpecialTokens { get; set; }

    /// <inheritdoc cref="LlamaChatClientOptions.TurnOrder"/>
    public TurnOrderPolicy TurnOrder { get; set; } = TurnOrderPolicy.Arrange;

    /// <inheritdoc cref="LlamaChatClientOptions.Overflow"/>
    public ContextOverflow Overflow { get; set; }

    /// <inheritdoc cref="LlamaChatClientOptions.DescribeResponseFormat"/>
    public bool DescribeResponseFormat { get; set; } = true;

    /// <inheritdoc cref="LlamaChatClientOptions.MaxConversationCount"/>
    public int MaxConversationCount { get; set; } = LlamaChatClientOptions.DefaultConversationCount;

    /// <inheritdoc cref="LlamaChatClientOptions.MaxConversationLength"/>
    public int MaxConversationLength { get; set; } = LlamaChatClientOptions.DefaultConversationLength;

    /// <inheritdoc cref="LlamaChatClientOptions.PrefixScope"/>
    public string? PrefixScope { get; set; }

    /// <inheritdoc cref="LlamaChatClientOptions.PublicSystemPrompts"/>
    public IList<string> PublicSystemPrompts { get; } = [];

    /// <summary>
    /// The LoRA adapters that are loaded with the model, each under the name by which requests choose it. Names are compared without regard to case
    /// and must not contain an equals sign. Unless a request chooses adapters, chat clients use all adapters whose scale is not 0; at most
    /// <see cref="LlamaAdapterUse.MaxCount"/> adapters may have such a scale. Default empty.
    /// </summary>
    public IDictionary<string, LlamaAdapterOptions> Adapters { get; } = new Dictionary<string, LlamaAdapterOptions>(StringComparer.OrdinalIgnoreCase);

    /// <summary>The options for loading the model.</summary>
    /// <exception cref="ArgumentException">A value is out of range; the exception names the property.</exception>
    internal LlamaModelOptions ToModelOptions() => new()
    {
        ContextLength = ContextLength,
        ThreadCount = ThreadCount,
        KernelTier = KernelTier,
        TokenizerPath = TokenizerPath,
        UseMemoryMapping = UseMemoryMapping,
        PanelFile = PanelFile,
        PanelFolder = PanelFolder,
        VerifyPanelFile = VerifyPanelFile,
        KeyValueCacheType = KeyValueCacheType,
        KeyValueCacheByteSize = KeyValueCacheByteSize,
        MaxWaitingCount = MaxWaitingCount,
        ReaderIdleLimit = ReaderIdleLimit,
        RopeScaling = RopeScaling,
        DraftModel = DraftModel,
        Speculation = new SpeculationOptions { MaxDraftLength = MaxDraftLength },
    };

    /// <summary>The options for chat clients.</summary>
    /// <param name="modelId">The name of the model in responses; null for the model's own name.</param>
    /// <param name="adapters">The loaded <see cref="Adapters"/>; null for none.</param>
    /// <exception cref="ArgumentException">A value is out of range; the exception names the property.</exception>
    internal LlamaChatClientOptions ToChatClientOptions(string? modelId, ModelAdapters? adapters) => new()
    {
        ModelId = modelId,
        PromptFormat = FindPromptFormat(PromptFormat),
        SpecialTokens = SpecialTokens,
        TurnOrder = TurnOrder,
        Overflow = Overflow,
        DescribeResponseFormat = DescribeResponseFormat,
        MaxConversationCount = MaxConversationCount,
        MaxConversationLength = MaxConversationLength,
        PrefixScope = PrefixScope,
        PublicSystemPrompts = [.. PublicSystemPrompts],
        Adapters = adapters?.Uses ?? ReadOnlyDictionary<string, LlamaAdapterUse>.Empty,
    };

    /// <summary>The prompt format with the given name; null if the name is null or unknown. The validator refuses unknown names.</summary>
    internal static PromptFormat? FindPromptFormat(string? name) =>
        Llama2.PromptFormat.Presets.FirstOrDefault(format => string.Equals(format.Name, name, StringComparison.OrdinalIgnoreCase));
}
