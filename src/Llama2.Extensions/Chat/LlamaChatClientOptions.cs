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
    /// The name of the model in responses and telemetry. Null (the default) means the name that the model's file states or, if it states none, the
    /// file name.
    /// </summary>
    public string? ModelId { get; init; }

    /// <summary>
    /// How messages become a prompt; null (the default) means the format that <see cref="PromptFormat.Detect(ILlamaModel, CancellationToken)"/>
    /// detects.
    /// </summary>
    public PromptFormat? PromptFormat { get; init; }

    /// <summary>
    /// How control tokens and tags in messages are treated; default <see cref="SpecialTokenPolicy.Escape"/>, so that no message can forge a turn.
    /// </summary>
    public SpecialTokenPolicy SpecialTokens { get; init => field = Defined(value, nameof(SpecialTokens)); }

    /// <summary>
    /// How messages are handled if the prompt format does not support the order of their roles. Default <see cref="TurnOrderPolicy.Arrange"/>:
    /// applications, reducers (which shorten a history) and agents produce histories with unsupported orders, and the rearranged history keeps all
    /// text.
    /// </summary>
    public TurnOrderPolicy TurnOrder { get; init => field = Defined(value, nameof(TurnOrder)); } = TurnOrderPolicy.Arrange;

    /// <summary>What happens if the messages do not fit in the context, or if the answer fills it; default <see cref="ContextOverflow.Stop"/>.</summary>
    public ContextOverflow Overflow { get; init => field = Defined(value, nameof(Overflow)); }

    /// <summary>
    /// Whether, in a request with a <c>ResponseFormat</c> of JSON, a sentence with the schema is appended to the system message. Default true: the
    /// answer fits the schema in either case, but a model chooses better values if the prompt says what the values are for. Set it to false if the
    /// messages already describe the format.
    /// </summary>
    public bool DescribeResponseFormat { get; init; } = true;

    /// <summary>
    /// The maximum number of conversations that are kept for callers that send only a conversation's id and its new messages. 1 or more, default 256.
    /// When a new conversation would exceed this number, the least recently used conversation is dropped.
    /// </summary>
    public int MaxConversationCount { get; init => field = AtLeastOne(value, nameof(MaxConversationCount)); } = DefaultConversationCount;

    /// <summary>
    /// The maximum length of all kept conversations together, in UTF-16 characters. 1 or more, default 16 Mi, which take 32 MiB of memory. When the
    /// conversations would exceed this length, the least recently used conversations are dropped.
    /// </summary>
    public int MaxConversationLength { get; init => field = AtLeastOne(value, nameof(MaxConversationLength)); } = DefaultConversationLength;

    /// <summary>
    /// The LoRA adapters that requests can choose, each under its name. They must be loaded for the client's model. A request that chooses no adapter
    /// uses all adapters whose scale is not 0; at most <see cref="LlamaAdapterUse.MaxCount"/> adapters may have such a scale. Default empty. Copied
    /// when set; names are compared without regard to case.
    /// </summary>
    public IReadOnlyDictionary<string, LlamaAdapterUse> Adapters { get; init => field = Copy(value); } = ReadOnlyDictionary<string, LlamaAdapterUse>.Empty;

    /// <summary>
    /// The prefix scope of requests that name no scope: requests of one scope share the keys and values of common prompt beginnings, as
    /// <see cref="ComputationOptions.PrefixScope"/> explains. 1 to 256 characters, or null (the default) for the model's own scope, in which a caller
    /// may learn about prompts of other callers. A service should set a scope for each user in
    /// <c>ChatOptions.AdditionalProperties["PrefixScope"]</c>. A conversation that the client keeps is found only by requests of the scope in which
    /// it began.
    /// </summary>
    public string? PrefixScope { get; init => field = new GenerationOptions { PrefixScope = value }.PrefixScope; }

    /// <summary>
    /// System prompts of the application that are not secret. Prompts that begin with the same public system prompt share its keys and values, even
    /// if their scopes differ. As in <see cref="ChatSessionOptions.PublicSystemPrompts"/>: at most 64 prompts, each of 1 character or more.
    /// <c>ChatOptions.Instructions</c> count as system prompts. Default empty. Copied when set.
    /// </summary>
    public IReadOnlyList<string> PublicSystemPrompts { get; init => field = new ChatSessionOptions { PublicSystemPrompts = value }.PublicSystemPrompts; } = ReadOnlyCollection<string>.Empty;

    /// <summary>The values of all properties except <see cref="PrefixScope"/>, which may name a user.</summary>
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
