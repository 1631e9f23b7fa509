using System.Collections.ObjectModel;
using System.Text.Json.Serialization;
using Llama2.Tokenization;

namespace Llama2;

/// <summary>
/// One message of a conversation. Two messages are equal if all their properties are equal; calls are compared one by one. Immutable and thread-safe.
/// </summary>
/// <param name="Role">The author's role.</param>
/// <param name="Content">The text, which is data: <see cref="SpecialTokenPolicy"/> determines how control tokens and tags in it are treated.</param>
/// <example><code>
/// LlamaMessage[] conversation = [LlamaMessage.System("Answer in French."), LlamaMessage.User("Where do llamas live?")];
/// int[] prompt = PromptFormat.Llama2.Encode(conversation, model.Tokenizer);
/// </code></example>
public sealed record LlamaMessage(LlamaRole Role, string Content)
{
    /// <summary>The author's role.</summary>
    public LlamaRole Role { get; init => field = Check(value); } = Check(Role);

    /// <summary>The text; not null. In a tool's message, it is the result of a tool call: text, or JSON as text.</summary>
    public string Content { get; init => field = Check(value); } = Check(Content);

    /// <summary>
    /// The tool calls at the end of an answer of the assistant: at most <see cref="ToolFormat.MaxCallCount"/>, default none. Copied when set. The
    /// results of these calls are in the tools' messages after the answer.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public IReadOnlyList<LlamaToolCall> ToolCalls
    {
        get => field ?? [];
        init => field = CheckCalls(value);
    }

    /// <summary>The name of the tool whose result this message is; null (the default) for other messages, or if the name is not known.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ToolName { get; init; }

    /// <summary>
    /// The <see cref="LlamaToolCall.Id"/> of the call whose result this message is; null (the default) for other messages, or if the call has no id.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ToolCallId { get; init; }

    /// <summary>The tags that a <see cref="ToolFormat"/> wrote into the text, in the order of the text; all other text is data.</summary>
    [JsonIgnore]
    internal IReadOnlyList<TextRange> OwnTags { get; init; } = [];

    /// <summary>Whether training learns the text; null (the default) if the role decides: answers are learned, and other messages are not.</summary>
    [JsonIgnore]
    internal bool? IsLearned { get; init; }

    /// <summary>Creates a system message, which comes from the program.</summary>
    /// <param name="content">The text.</param>
    public static LlamaMessage System(string content) => new(LlamaRole.System, content);

    /// <summary>Creates a user's message, which is addressed to the model.</summary>
    /// <param name="content">The text.</param>
    public static LlamaMessage User(string content) => new(LlamaRole.User, content);

    /// <summary>Creates an assistant's message, which is an answer of the model.</summary>
    /// <param name="content">The text.</param>
    public static LlamaMessage Assistant(string content) => new(LlamaRole.Assistant, content);

    /// <summary>Creates an assistant's message that calls tools.</summary>
    /// <param name="content">The text before the calls; may be empty.</param>
    /// <param name="calls">The calls.</param>
    public static LlamaMessage Assistant(string content, IReadOnlyList<LlamaToolCall> calls) => new(LlamaRole.Assistant, content) { ToolCalls = calls };

    /// <summary>Creates a tool's message, which is the result of a tool call.</summary>
    /// <param name="call">The call.</param>
    /// <param name="result">What the tool returned: text, or JSON as text.</param>
    public static LlamaMessage Tool(LlamaToolCall call, string result)
    {
        ArgumentNullException.ThrowIfNull(call);
        return new(LlamaRole.Tool, result) { ToolName = call.Name, ToolCallId = call.Id };
    }

    /// <inheritdoc/>
    public bool Equals(LlamaMessage? other) => other is not null && Role == other.Role && Content == other.Content && ToolName == other.ToolName
        && ToolCallId == other.ToolCallId && ToolCalls.SequenceEqual(other.ToolCalls) && OwnTags.SequenceEqual(other.OwnTags) && IsLearned == other.IsLearned;

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Role, Content, ToolName, ToolCalls.Count);

    private static LlamaRole Check(LlamaRole role) =>
        Enum.IsDefined(role) ? role : throw new ArgumentOutOfRangeException(nameof(role), role, "The role must be system, user, assistant or tool.");

    private static string Check(string content) => content ?? throw new ArgumentNullException(nameof(content));

    private static ReadOnlyCollection<LlamaToolCall>? CheckCalls(IReadOnlyList<LlamaToolCall> calls)
    {
        ArgumentNullException.ThrowIfNull(calls, nameof(ToolCalls));
        LlamaToolCall[] copy = [.. calls.Take(ToolFormat.MaxCallCount + 1)];
        if (copy.Length > ToolFormat.MaxCallCount)
            throw new ArgumentException($"{nameof(ToolCalls)} has {calls.Count:N0} calls; at most {ToolFormat.MaxCallCount} are allowed.", nameof(calls));
        if (Array.Exists(copy, call => call is null))
            throw new ArgumentException($"{nameof(ToolCalls)} contains null.", nameof(calls));
        return copy.Length == 0 ? null : Array.AsReadOnly(copy);
    }
}
