using System.Collections.ObjectModel;
using System.Text;
using Llama2.Extensions.Chat;

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

    /// <summary>How messages become a prompt; null (the default) takes what <see cref="PromptFormat.Detect(ILlamaModel, CancellationToken)"/> finds.</summary>
    public PromptFormat? PromptFormat { get; init; }

    /// <summary>
    /// What becomes of control tokens and tags that messages spell; default <see cref="SpecialTokenPolicy.Escape"/>, so that no message can
    /// forge a turn.
    /// </summary>
    public SpecialTokenPolicy SpecialTokens { get; init => field = Defined(value, nameof(SpecialTokens)); }

    /// <summary>
    /// How messages are handled whose roles are in an order that the prompt format does not support. Default <see cref="TurnOrderPolicy.Arrange"/>:
    /// applications, reducers and agents produce such histories, and no text is left out.
    /// </summary>
    public TurnOrderPolicy TurnOrder { get; init => field = Defined(value, nameof(TurnOrder)); } = TurnOrderPolicy.Arrange;

    /// <summary>What happens where messages do not fit in the context, or the answer fills it; default <see cref="ContextOverflow.Stop"/>.</summary>
    public ContextOverflow Overflow { get; init => field = Defined(value, nameof(Overflow)); }

    /// <summary>
    /// Conversations that are kept for callers who send a conversation's id and its new messages only. 1 or more, default 256. The least
    /// recently used one is dropped for a new one.
    /// </summary>
    public int MaxConversationCount { get; init => field = AtLeastOne(value, nameof(MaxConversationCount)); } = DefaultConversationCount;

    /// <summary>
    /// Characters, in UTF-16, that all kept conversations may have together. 1 or more, default 16 Mi, which are 32 MiB of memory. Least
    /// recently used ones are dropped to keep to it.
    /// </summary>
    public int MaxConversationLength { get; init => field = AtLeastOne(value, nameof(MaxConversationLength)); } = DefaultConversationLength;

    /// <summary>
    /// LoRA adapters, loaded for the client's model, by the names that requests choose them by. A request that chooses none runs with all whose scale is
    /// not 0, which are <see cref="LlamaAdapterUse.MaxCount"/> at most. Default empty. Copied when set, without regard to upper and lower case.
    /// </summary>
    public IReadOnlyDictionary<string, LlamaAdapterUse> Adapters { get; init => field = Copy(value); } = ReadOnlyDictionary<string, LlamaAdapterUse>.Empty;

    /// <summary>
    /// The scope in which requests share keys and values if they name no other, as explained at <see cref="GenerationOptions.PrefixScope"/>. 1 to 256
    /// characters, or null (the default) for the model's own scope, in which every caller may learn what others asked. A service sets a scope for each
    /// user in <c>ChatOptions.AdditionalProperties["PrefixScope"]</c>. Conversations that the client keeps are found only in the scope that began them.
    /// </summary>
    public string? PrefixScope { get; init => field = new GenerationOptions { PrefixScope = value }.PrefixScope; }

    /// <summary>
    /// System prompts of the application that are not secret. Prompts that begin with one of them share its computation, whatever their scope is.
    /// As for <see cref="ChatSessionOptions.PublicSystemPrompts"/>: at most 64, of 1 character or more. Instructions count as system prompts. Default
    /// empty. Copied when set.
    /// </summary>
    public IReadOnlyList<string> PublicSystemPrompts { get; init => field = new ChatSessionOptions { PublicSystemPrompts = value }.PublicSystemPrompts; } = ReadOnlyCollection<string>.Empty;

    /// <summary>The values of the properties, without <see cref="PrefixScope"/>, which may name a user.</summary>
    public override string ToString()
    {
        var text = new StringBuilder(nameof(LlamaChatClientOptions)).Append(" { ");
        (this with { PrefixScope = null }).PrintMembers(text);
        return text.Append(" }").ToString();
    }

    private static ReadOnlyDictionary<string, LlamaAdapterUse> Copy(IReadOnlyDictionary<string, LlamaAdapterUse> adapters)
    {
        ArgumentNullException.ThrowIfNull(adapters, nameof(Adapters));
        _ = new GenerationOptions { Adapters = new AdapterSelection(adapters).Default };
        return adapters.Count == 0
            ? ReadOnlyDictionary<string, LlamaAdapterUse>.Empty
            : new Dictionary<string, LlamaAdapterUse>(adapters, StringComparer.OrdinalIgnoreCase).AsReadOnly();
    }

    private static int AtLeastOne(int value, string property) =>
        value >= 1 ? value : throw new ArgumentOutOfRangeException(property, value, "It must be 1 or more.");

    private static T Defined<T>(T value, string property)
        where T : struct, Enum
        => Enum.IsDefined(value) ? value : throw new ArgumentOutOfRangeException(property, value, $"It must be one of {string.Join(", ", Enum.GetNames<T>())}.");
}
