namespace Llama2.Extensions;

/// <summary>How a <see cref="LlamaChatClient"/> talks to its model. Immutable; every property is checked when it is set.</summary>
public sealed record LlamaChatClientOptions
{
    internal const int DefaultConversationCount = 256;
    internal const int DefaultConversationLength = 16 << 20;

    /// <summary>
    /// What responses and telemetry call the model; null (the default) takes the name that the model's file gives it, or else the file's own.
    /// </summary>
    public string? ModelId { get; init; }

    /// <summary>How messages become a prompt; null (the default) takes what <see cref="PromptFormat.Detect(LlamaModel)"/> finds.</summary>
    public PromptFormat? PromptFormat { get; init; }

    /// <summary>
    /// What becomes of control tokens and tags that messages spell; default <see cref="SpecialTokenPolicy.Escape"/>, so that no message can
    /// forge a turn.
    /// </summary>
    public SpecialTokenPolicy SpecialTokenPolicy
    {
        get;
        init => field = Enum.IsDefined(value)
            ? value
            : throw new ArgumentOutOfRangeException(nameof(SpecialTokenPolicy), value, "The policy is escape, reject or allow.");
    }

    /// <summary>
    /// Conversations that are kept for callers who send a conversation's id and its new messages only. 1 or more, default 256. The least
    /// recently used one is dropped for a new one.
    /// </summary>
    public int MaximumConversationCount { get; init => field = AtLeastOne(value, nameof(MaximumConversationCount)); } = DefaultConversationCount;

    /// <summary>
    /// Characters, in UTF-16, that all kept conversations may have together. 1 or more, default 16 Mi, which are 32 MiB of memory. Least
    /// recently used ones are dropped to keep to it.
    /// </summary>
    public int MaximumConversationLength { get; init => field = AtLeastOne(value, nameof(MaximumConversationLength)); } = DefaultConversationLength;

    private static int AtLeastOne(int value, string property) =>
        value >= 1 ? value : throw new ArgumentOutOfRangeException(property, value, "It must be 1 or more.");
}
