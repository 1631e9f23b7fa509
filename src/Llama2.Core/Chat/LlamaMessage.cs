namespace Llama2;

/// <summary>One message of a conversation. Immutable and thread-safe.</summary>
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

    /// <summary>The text; not null.</summary>
    public string Content { get; init => field = Check(value); } = Check(Content);

    /// <summary>Creates a system message, which comes from the program.</summary>
    /// <param name="content">The text.</param>
    public static LlamaMessage System(string content) => new(LlamaRole.System, content);

    /// <summary>Creates a user's message, which is addressed to the model.</summary>
    /// <param name="content">The text.</param>
    public static LlamaMessage User(string content) => new(LlamaRole.User, content);

    /// <summary>Creates an assistant's message, which is an answer of the model.</summary>
    /// <param name="content">The text.</param>
    public static LlamaMessage Assistant(string content) => new(LlamaRole.Assistant, content);

    private static LlamaRole Check(LlamaRole role) =>
        Enum.IsDefined(role) ? role : throw new ArgumentOutOfRangeException(nameof(role), role, "The role must be system, user or assistant.");

    private static string Check(string content) => content ?? throw new ArgumentNullException(nameof(content));
}
