using System.Collections.ObjectModel;

namespace Llama2;

/// <summary>How a chat session encodes and answers. Immutable; every property is checked when it is set.</summary>
public sealed record ChatSessionOptions
{
    /// <summary>Most entries of <see cref="PublicSystemPrompts"/>.</summary>
    public const int MaxPublicSystemPromptCount = 64;

    /// <summary>
    /// The format that the model was tuned with; null (the default) takes <see cref="PromptFormat.Detect(ILlamaModel, CancellationToken)"/>, which refuses to
    /// guess.
    /// </summary>
    public PromptFormat? PromptFormat { get; init; }

    /// <summary>The system message; null (the default) has none. See <see cref="SystemPrompts"/> for published ones.</summary>
    public string? SystemPrompt { get; init; }

    /// <summary>
    /// System prompts of the application that are not secret. If a conversation's system message begins with one of them, its tokens are
    /// shared by sessions of every <see cref="GenerationOptions.PrefixScope"/>, and computed only once for all of them. At most 64, of 1
    /// character or more; default empty. Copied when set. Text that a message adds never becomes public: only the tokens at the start of a
    /// prompt that these texts alone determine are.
    /// </summary>
    public IReadOnlyList<string> PublicSystemPrompts
    {
        get;
        init => field = CheckTexts(value, nameof(PublicSystemPrompts));
    } = ReadOnlyCollection<string>.Empty;

    /// <summary>How answers are generated, unless a call says otherwise; the format's stop sequences are added. Default <c>new()</c>.</summary>
    public GenerationOptions Generation
    {
        get;
        init => field = value ?? throw new ArgumentNullException(nameof(Generation));
    } = new();

    /// <summary>What becomes of control tokens and tags that messages spell; default <see cref="SpecialTokenPolicy.Escape"/>.</summary>
    public SpecialTokenPolicy SpecialTokens
    {
        get;
        init => field = Enum.IsDefined(value)
            ? value
            : throw new ArgumentOutOfRangeException(nameof(SpecialTokens), value, "The policy is escape, reject or allow.");
    }

    /// <summary>
    /// How a conversation is handled whose roles are in an order that the format does not support. Default <see cref="TurnOrderPolicy.Strict"/>,
    /// which refuses it.
    /// </summary>
    public TurnOrderPolicy TurnOrder
    {
        get;
        init => field = Enum.IsDefined(value)
            ? value
            : throw new ArgumentOutOfRangeException(nameof(TurnOrder), value, "The policy is strict or arrange.");
    }

    /// <summary>What is done when the conversation is longer than the context; default <see cref="ContextOverflow.Stop"/>.</summary>
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

        // Options without any are equal.
        if (copy.Length == 0)
        {
            return ReadOnlyCollection<string>.Empty;
        }

        int bad = Array.FindIndex(copy, string.IsNullOrEmpty);
        return bad < 0 ? Array.AsReadOnly(copy) : throw new ArgumentException($"{name}[{bad}] is null or empty; give the text of a system prompt.", name);
    }
}
