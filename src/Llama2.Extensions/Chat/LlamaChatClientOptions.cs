using System.Collections.ObjectModel;
using System.Text;
using Llama2.Extensions.Chat;

namespace Llama2.Extensions;

/// <summary>The options of a <see cref="LlamaChatClient"/>. Immutable; every property is checked when it is set.</summary>
public sealed record LlamaChatClientOptions
{
    internal const int DefaultConversationCount = 256;
    internal const int DefaultConversationLength = 16 << 20;

    /// <summary>
    /// The name of the model in responses and telemetry; null (the default) takes the name that the model's file states, or otherwise the file name.
    /// </summary>
    public string? ModelId { get; init; }

    /// <summary>
    /// How messages become a prompt; null (the default) takes the format that <see cref="PromptFormat.Detect(ILlamaModel, CancellationToken)"/>
    /// detects.
    /// </summary>
    public PromptFormat? PromptFormat { get; init; }

    /// <summary>
    /// How control tokens and tags in messages are treated; default <see cref="SpecialTokenPolicy.Escape"/>, so that no message can forge a turn.
    /// </summary>
    public SpecialTokenPolicy SpecialTokens { get; init => field = Defined(value, nameof(SpecialTokens)); }

    /// <summary>
    /// How messages are handled if the prompt format does not support the order of their roles. Default <see cref="TurnOrderPolicy.Arrange"/>:
    /// applications, reducers and agents produce such histories, and no text is omitted.
    /// </summary>
    public TurnOrderPolicy TurnOrder { get; init => field = Defined(value, nameof(TurnOrder)); } = TurnOrderPolicy.Arrange;

    /// <summary>What to do if messages do not fit in the context, or the answer fills it; default <see cref="ContextOverflow.Stop"/>.</summary>
    public ContextOverflow Overflow { get; init => field = Defined(value, nameof(Overflow)); }

    /// <summary>
    /// Whether a request with a <c>ResponseFormat</c> of JSON has a sentence with its schema appended to the system message. Default true: the answer has
    /// the form either way, but a model chooses better values if it was told what they are for. Turn it off if messages already describe the form.
    /// </summary>
    public bool DescribeResponseFormat { get; init; } = true;

    /// <summary>
    /// The maximum number of conversations that are kept for callers that send only a conversation's id and its new messages. 1 or more, default 256.
    /// The least recently used one is dropped for a new one.
    /// </summary>
    public int MaxConversationCount { get; init => field = AtLeastOne(value, nameof(MaxConversationCount)); } = DefaultConversationCount;

    /// <summary>
    /// The maximum length of all kept conversations together, in UTF-16 characters. 1 or more, default 16 Mi, which take 32 MiB of memory. The least
    /// recently used ones are dropped when it is exceeded.
    /// </summary>
    public int MaxConversationLength { get; init => field = AtLeastOne(value, nameof(MaxConversationLength)); } = DefaultConversationLength;

    /// <summary>
    /// LoRA adapters, loaded for the client's model, by the names with which requests choose them. A request that chooses none uses all adapters
    /// whose scale is not 0, of which there may be at most <see cref="LlamaAdapterUse.MaxCount"/>. Default empty. Copied when set; names are compared
    /// without regard to case.
    /// </summary>
    public IReadOnlyDictionary<string, LlamaAdapterUse> Adapters { get; init => field = Copy(value); } = ReadOnlyDictionary<string, LlamaAdapterUse>.Empty;

    /// <summary>
    /// The scope in which requests share keys and values if they name no other, as explained at <see cref="ComputationOptions.PrefixScope"/>. 1 to 256
    /// characters, or null (the default) for the model's own scope, in which a caller may learn about prompts of other callers. A service should set
    /// a scope for each user in <c>ChatOptions.AdditionalProperties["PrefixScope"]</c>. Conversations that the client keeps are found only in the
    /// scope that began them.
    /// </summary>
    public string? PrefixScope { get; init => field = new GenerationOptions { PrefixScope = value }.PrefixScope; }

    /// <summary>
    /// System prompts of the application that are not secret. Prompts that begin with one of them share its computation, whatever their scope is. As
    /// in <see cref="ChatSessionOptions.PublicSystemPrompts"/>: at most 64, of 1 character or more. Instructions count as system prompts. Default
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
