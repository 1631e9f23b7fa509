namespace Llama2;

/// <summary>
/// Properties that a saved chat session does not contain, because the author of the saved document must not choose them, or because they cannot be
/// saved as text. Immutable; every property is checked when it is set.
/// </summary>
public sealed record ChatSessionRestoreOptions
{
    /// <summary>
    /// The format with which the session was saved, if this format is neither one of <see cref="Llama2.PromptFormat.Presets"/> nor the model's own;
    /// otherwise null (the default).
    /// </summary>
    public PromptFormat? PromptFormat { get; init; }

    /// <summary>
    /// The adapters of the session's <see cref="ChatSessionOptions.Generation"/>, loaded again, with the scales that they had. Default none. Copied when
    /// set.
    /// </summary>
    public IReadOnlyList<LlamaAdapterUse> Adapters
    {
        get;
        init => field = LlamaAdapterUse.Check(value, nameof(Adapters));
    } = [];

    /// <summary>
    /// The session's <see cref="ComputationOptions.PrefixScope"/>. It is not part of the document, so the document's author cannot choose whose keys
    /// and values are shared. Null (the default) is the model's own scope.
    /// </summary>
    public string? PrefixScope
    {
        get;
        init => field = ComputationOptions.CheckPrefixScope(value, nameof(PrefixScope));
    }

    /// <summary>The session's <see cref="ChatSessionOptions.PublicSystemPrompts"/>. Default none.</summary>
    public IReadOnlyList<string> PublicSystemPrompts
    {
        get;
        init => field = new ChatSessionOptions { PublicSystemPrompts = value }.PublicSystemPrompts;
    } = [];

    /// <summary>
    /// The session's <see cref="ChatSessionOptions.Tools"/>, which are those of the application that continues the session. Default none.
    /// </summary>
    public IReadOnlyList<LlamaTool> Tools
    {
        get;
        init => field = new ChatSessionOptions { Tools = value }.Tools;
    } = [];

    /// <summary>The session's <see cref="ChatSessionOptions.MaxToolCallCount"/>. Default 1.</summary>
    public int MaxToolCallCount
    {
        get;
        init => field = new ChatSessionOptions { MaxToolCallCount = value }.MaxToolCallCount;
    } = 1;
}
