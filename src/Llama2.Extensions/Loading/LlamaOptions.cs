using System.Collections.ObjectModel;
using Llama2.Extensions.Loading;

namespace Llama2.Extensions;

/// <summary>
/// Which model <c>AddLlama</c> registers, how it is loaded, and how chat clients talk to it. Checked when a host starts, and otherwise when
/// the model is first asked for. Every property but <see cref="RopeScaling"/> can come from configuration. Read once: a later change of the
/// configuration changes nothing.
/// </summary>
public sealed class LlamaOptions
{
    /// <summary>
    /// The model's file or folder, absolute or relative to the current directory, or where there is neither the name of a model that was pulled into the
    /// <see cref="ILlamaModelStore"/>: <c>owner/repository:file</c>. Required, and it must exist, unless the application registers an <see cref="ILlamaModel"/> of its own.
    /// </summary>
    public string ModelPath { get; set; } = "";

    /// <inheritdoc cref="LlamaModelOptions.ContextLength"/>
    public int? ContextLength { get; set; }

    /// <summary>
    /// Gives the model a runtime of its own with so many threads, 1 to 1,024; null (the default) takes the <see cref="LlamaRuntime"/> that is
    /// registered as a service, or else <see cref="LlamaRuntime.Shared"/>: several models then share as many threads as there are cores.
    /// </summary>
    public int? ThreadCount { get; set; }

    /// <inheritdoc cref="LlamaModelOptions.KernelTier"/>
    public KernelTier? KernelTier { get; set; }

    /// <inheritdoc cref="LlamaModelOptions.TokenizerPath"/>
    public string? TokenizerPath { get; set; }

    /// <inheritdoc cref="LlamaModelOptions.UseMemoryMapping"/>
    public bool UseMemoryMapping { get; set; }

    /// <inheritdoc cref="LlamaModelOptions.KeyValueCacheType"/>
    public KeyValueCacheType? KeyValueCacheType { get; set; }

    /// <inheritdoc cref="LlamaModelOptions.KeyValueCacheByteSize"/>
    public long? KeyValueCacheByteSize { get; set; }

    /// <inheritdoc cref="LlamaModelOptions.MaxWaitingCount"/>
    public int MaxWaitingCount { get; set; } = new LlamaModelOptions().MaxWaitingCount;

    /// <inheritdoc cref="LlamaModelOptions.ReaderIdleLimit"/>
    public TimeSpan ReaderIdleLimit { get; set; } = new LlamaModelOptions().ReaderIdleLimit;

    /// <inheritdoc cref="LlamaModelOptions.RopeScaling"/>
    /// <remarks>Set in code only; configuration does not reach it.</remarks>
    public RopeScaling? RopeScaling { get; set; }

    /// <summary>
    /// The name of the format of chat prompts, one of <see cref="Llama2.PromptFormat.Presets"/>, such as <c>llama-2</c>; null (the default)
    /// takes what <see cref="Llama2.PromptFormat.Detect(ILlamaModel, CancellationToken)"/> finds.
    /// </summary>
    public string? PromptFormat { get; set; }

    /// <inheritdoc cref="LlamaChatClientOptions.SpecialTokens"/>
    public SpecialTokenPolicy SpecialTokens { get; set; }

    /// <inheritdoc cref="LlamaChatClientOptions.TurnOrder"/>
    public TurnOrderPolicy TurnOrder { get; set; } = TurnOrderPolicy.Arrange;

    /// <inheritdoc cref="LlamaChatClientOptions.Overflow"/>
    public ContextOverflow Overflow { get; set; }

    /// <inheritdoc cref="LlamaChatClientOptions.MaxConversationCount"/>
    public int MaxConversationCount { get; set; } = LlamaChatClientOptions.DefaultConversationCount;

    /// <inheritdoc cref="LlamaChatClientOptions.MaxConversationLength"/>
    public int MaxConversationLength { get; set; } = LlamaChatClientOptions.DefaultConversationLength;

    /// <inheritdoc cref="LlamaChatClientOptions.PrefixScope"/>
    public string? PrefixScope { get; set; }

    /// <inheritdoc cref="LlamaChatClientOptions.PublicSystemPrompts"/>
    public IList<string> PublicSystemPrompts { get; } = [];

    /// <summary>
    /// LoRA adapters that are loaded with the model, by the names that requests choose them by, without regard to upper and lower case; a name has no
    /// equals sign. Chat clients run with all whose scale is not 0, <see cref="LlamaAdapterUse.MaxCount"/> at most, unless a request chooses others.
    /// Default empty.
    /// </summary>
    public IDictionary<string, LlamaAdapterOptions> Adapters { get; } = new Dictionary<string, LlamaAdapterOptions>(StringComparer.OrdinalIgnoreCase);

    /// <summary>The part that loading needs.</summary>
    /// <exception cref="ArgumentException">A value is out of range; the exception names the property.</exception>
    internal LlamaModelOptions ToModelOptions() => new()
    {
        ContextLength = ContextLength,
        ThreadCount = ThreadCount,
        KernelTier = KernelTier,
        TokenizerPath = TokenizerPath,
        UseMemoryMapping = UseMemoryMapping,
        KeyValueCacheType = KeyValueCacheType,
        KeyValueCacheByteSize = KeyValueCacheByteSize,
        MaxWaitingCount = MaxWaitingCount,
        ReaderIdleLimit = ReaderIdleLimit,
        RopeScaling = RopeScaling,
    };

    /// <summary>The part that chat clients need.</summary>
    /// <param name="modelId">What responses call the model; null takes the model's own name.</param>
    /// <param name="adapters">What <see cref="Adapters"/> were loaded as; null takes none.</param>
    /// <exception cref="ArgumentException">A value is out of range; the exception names the property.</exception>
    internal LlamaChatClientOptions ToChatClientOptions(string? modelId, ModelAdapters? adapters) => new()
    {
        ModelId = modelId,
        PromptFormat = FindPromptFormat(PromptFormat),
        SpecialTokens = SpecialTokens,
        TurnOrder = TurnOrder,
        Overflow = Overflow,
        MaxConversationCount = MaxConversationCount,
        MaxConversationLength = MaxConversationLength,
        PrefixScope = PrefixScope,
        PublicSystemPrompts = [.. PublicSystemPrompts],
        Adapters = adapters?.Uses ?? ReadOnlyDictionary<string, LlamaAdapterUse>.Empty,
    };

    /// <summary>The prompt format of a name, or null: the validator refuses a name that is none.</summary>
    internal static PromptFormat? FindPromptFormat(string? name) =>
        Llama2.PromptFormat.Presets.FirstOrDefault(format => string.Equals(format.Name, name, StringComparison.OrdinalIgnoreCase));
}
