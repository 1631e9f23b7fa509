using System.Collections.ObjectModel;

namespace Llama2;

/// <summary>How a chat session encodes its messages and generates answers. Immutable; every property is checked when it is set.</summary>
public sealed record ChatSessionOptions
{
    /// <summary>The maximum number of entries of <see cref="PublicSystemPrompts"/>.</summary>
    public const int MaxPublicSystemPromptCount = 64;

    /// <summary>
    /// The prompt format with which the model was fine-tuned; null (the default) for the format that
    /// <see cref="PromptFormat.Detect(ILlamaModel, CancellationToken)"/> finds. That method throws an exception if it finds no format.
    /// </summary>
    public PromptFormat? PromptFormat { get; init; }

    /// <summary>The system message; null (the default) for none. See <see cref="SystemPrompts"/> for published ones.</summary>
    public string? SystemPrompt { get; init; }

    /// <summary>
    /// System prompts of the application that are not secret. If a conversation's system message begins with one of these prompts, sessions of every <see
    /// cref="ComputationOptions.PrefixScope"/> share the keys and values of this prompt's tokens. They are computed only once for all these sessions. At most
    /// 64 texts, each of 1 character or more; default none. Copied when set. Text that a message adds never becomes public: a token
    /// at the start of a prompt is public only if these system prompts alone determine it.
    /// </summary>
    public IReadOnlyList<string> PublicSystemPrompts
    {
        get;
        init => field = CheckTexts(value, nameof(PublicSystemPrompts));
    } = ReadOnlyCollection<string>.Empty;

    /// <summary>
    /// The tools of the application that the model may call; default none. There may be at most <see cref="ToolFormat.MaxToolCount"/> tools, with
    /// different names. Copied when set. An answer is then text, or text and tool calls. The session's own constraint ensures that each call names one
    /// of the tools and has arguments that fit the schema of this tool's parameters. If <see cref="GenerationOptions.Constraint"/> is set, the
    /// session uses only that constraint; to require a call, for example, set a constraint that <see cref="ToolFormat.CreateConstraint"/> created.
    /// The message of the answer contains the calls (<see cref="LlamaMessage.ToolCalls"/>); send their results as messages
    /// (<see cref="LlamaMessage.Tool"/>) to get the next answer. The tools are not part of a saved session.
    /// </summary>
    public IReadOnlyList<LlamaTool> Tools
    {
        get;
        init => field = value is { Count: 0 } ? ReadOnlyCollection<LlamaTool>.Empty : Array.AsReadOnly(LlamaTool.Check(value, 0));
    } = ReadOnlyCollection<LlamaTool>.Empty;

    /// <summary>The maximum number of tool calls in one answer, 1 (the default) to <see cref="ToolFormat.MaxCallCount"/>.</summary>
    public int MaxToolCallCount
    {
        get;
        init => field = value is >= 1 and <= ToolFormat.MaxCallCount
            ? value
            : throw new ArgumentOutOfRangeException(nameof(MaxToolCallCount), value, $"It must be 1 to {ToolFormat.MaxCallCount}.");
    } = 1;

    /// <summary>
    /// How answers are generated, unless a method of the session is called with other options. The format's stop sequences are added to the options.
    /// Default <c>new()</c>.
    /// </summary>
    public GenerationOptions Generation
    {
        get;
        init => field = value ?? throw new ArgumentNullException(nameof(Generation));
    } = new();

    /// <summary>How control tokens and tags in the text of messages are treated; default <see cref="SpecialTokenPolicy.Escape"/>.</summary>
    public SpecialTokenPolicy SpecialTokens
    {
        get;
        init => field = Enum.IsDefined(value)
            ? value
            : throw new ArgumentOutOfRangeException(nameof(SpecialTokens), value, "It must be Escape, Reject or Allow.");
    }

    /// <summary>
    /// How a conversation is handled if the order of its roles is not supported by the format. Default <see cref="TurnOrderPolicy.Strict"/>, which
    /// refuses it.
    /// </summary>
    public TurnOrderPolicy TurnOrder
    {
        get;
        init => field = Enum.IsDefined(value)
            ? value
            : throw new ArgumentOutOfRangeException(nameof(TurnOrder), value, "It must be Strict or Arrange.");
    }

    /// <summary>What to do when the conversation is longer than the context; default <see cref="ContextOverflow.Stop"/>.</summary>
    public ContextOverflow Overflow
    {
        get;
        init => field = Enum.IsDefined(value)
            ? value
            : throw new ArgumentOutOfRangeException(nameof(Overflow), value, "It must be Stop, DropOldestTurns or Shift.");
    }

    private static ReadOnlyCollection<string> CheckTexts(IReadOnlyList<string> texts, string name)
    {
        ArgumentNullException.ThrowIfNull(texts, name);
        string[] copy = [.. texts.Take(MaxPublicSystemPromptCount + 1)];
        if (copy.Length > MaxPublicSystemPromptCount)
        {
            throw new ArgumentOutOfRangeException(name, texts.Count, $"{name} has {texts.Count} entries; at most {MaxPublicSystemPromptCount} are allowed.");
        }

        // All empty lists are one object, so that options without entries are equal.
        if (copy.Length == 0)
        {
            return ReadOnlyCollection<string>.Empty;
        }

        int bad = Array.FindIndex(copy, string.IsNullOrEmpty);
        return bad < 0 ? Array.AsReadOnly(copy) : throw new ArgumentException($"{name}[{bad}] is null or empty; give the text of a system prompt.", name);
    }
}
