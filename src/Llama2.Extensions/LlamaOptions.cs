namespace Llama2.Extensions;

/// <summary>
/// Which model <c>AddLlama</c> registers, how it is loaded, and how chat clients talk to it. Checked when a host starts, and otherwise when
/// the model is first asked for. Every property but <see cref="RopeScaling"/> can come from configuration. Read once: a later change of the
/// configuration changes nothing.
/// </summary>
public sealed class LlamaOptions
{
    /// <summary>
    /// The model's file, absolute or relative to the current directory, or where there is no such file the name of a model that was pulled into the
    /// <see cref="ILlamaModelStore"/>: <c>owner/repository:file</c>. Required; the file or the pulled model must exist.
    /// </summary>
    public string ModelPath { get; set; } = "";

    /// <inheritdoc cref="LlamaModelOptions.ContextLength"/>
    public int? ContextLength { get; set; }

    /// <inheritdoc cref="LlamaModelOptions.ThreadCount"/>
    public int? ThreadCount { get; set; }

    /// <inheritdoc cref="LlamaModelOptions.TokenizerPath"/>
    public string? TokenizerPath { get; set; }

    /// <inheritdoc cref="LlamaModelOptions.UseMemoryMapping"/>
    public bool UseMemoryMapping { get; set; }

    /// <inheritdoc cref="LlamaModelOptions.KeyValueCacheType"/>
    public KeyValueCacheType? KeyValueCacheType { get; set; }

    /// <inheritdoc cref="LlamaModelOptions.KeyValueCacheByteSize"/>
    public long? KeyValueCacheByteSize { get; set; }

    /// <inheritdoc cref="LlamaModelOptions.MaximumWaitingCount"/>
    public int MaximumWaitingCount { get; set; } = new LlamaModelOptions().MaximumWaitingCount;

    /// <inheritdoc cref="LlamaModelOptions.RopeScaling"/>
    /// <remarks>Set in code only; configuration does not reach it.</remarks>
    public RopeScaling? RopeScaling { get; set; }

    /// <summary>
    /// The name of the format of chat prompts, one of <see cref="Llama2.PromptFormat.Presets"/>, such as <c>llama-2</c>; null (the default)
    /// takes what <see cref="Llama2.PromptFormat.Detect(LlamaModel)"/> finds.
    /// </summary>
    public string? PromptFormat { get; set; }

    /// <inheritdoc cref="LlamaChatClientOptions.SpecialTokens"/>
    public SpecialTokenPolicy SpecialTokens { get; set; }

    /// <inheritdoc cref="LlamaChatClientOptions.Overflow"/>
    public ContextOverflow Overflow { get; set; }

    /// <inheritdoc cref="LlamaChatClientOptions.MaximumConversationCount"/>
    public int MaximumConversationCount { get; set; } = LlamaChatClientOptions.DefaultConversationCount;

    /// <inheritdoc cref="LlamaChatClientOptions.MaximumConversationLength"/>
    public int MaximumConversationLength { get; set; } = LlamaChatClientOptions.DefaultConversationLength;

    /// <summary>Whether a hosted service warms the model up, so that its health waits for that.</summary>
    internal bool WarmsUpOnStart { get; set; }

    /// <summary>The part that loading needs.</summary>
    /// <exception cref="ArgumentException">A value is out of range; the exception names the property.</exception>
    internal LlamaModelOptions ToModelOptions() => new()
    {
        ContextLength = ContextLength,
        ThreadCount = ThreadCount,
        TokenizerPath = TokenizerPath,
        UseMemoryMapping = UseMemoryMapping,
        KeyValueCacheType = KeyValueCacheType,
        KeyValueCacheByteSize = KeyValueCacheByteSize,
        MaximumWaitingCount = MaximumWaitingCount,
        RopeScaling = RopeScaling,
    };

    /// <summary>The part that chat clients need.</summary>
    /// <param name="modelId">What responses call the model; null takes the model's own name.</param>
    /// <exception cref="ArgumentException">A value is out of range; the exception names the property.</exception>
    internal LlamaChatClientOptions ToChatClientOptions(string? modelId) => new()
    {
        ModelId = modelId,
        PromptFormat = FindPromptFormat(PromptFormat),
        SpecialTokens = SpecialTokens,
        Overflow = Overflow,
        MaximumConversationCount = MaximumConversationCount,
        MaximumConversationLength = MaximumConversationLength,
    };

    /// <summary>The prompt format of a name, or null: the validator refuses a name that is none.</summary>
    internal static PromptFormat? FindPromptFormat(string? name) =>
        Llama2.PromptFormat.Presets.FirstOrDefault(format => string.Equals(format.Name, name, StringComparison.OrdinalIgnoreCase));
}
