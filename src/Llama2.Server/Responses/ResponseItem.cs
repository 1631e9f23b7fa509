namespace Llama2.Server.Responses;

/// <summary>An item of a conversation: a message, a call of a function, or the result of a call. Fields that an item does not have are null.</summary>
/// <param name="Type">One of the constants.</param>
/// <param name="Id">Identifies the item.</param>
/// <param name="Status"><c>in_progress</c>, <c>completed</c> or <c>incomplete</c>.</param>
internal sealed record ResponseItem(string Type, string Id, string Status = ResponseStatus.Completed)
{
    public const string Message = "message";
    public const string FunctionCall = "function_call";
    public const string FunctionCallOutput = "function_call_output";

    // Roughly the memory that an item takes besides its texts: the objects and their places in lists.
    private const int OverheadByteSize = 400;

    // The same for a part of a message: many parts may have little text.
    private const int PartOverheadByteSize = 100;

    /// <summary>The role of a message.</summary>
    public string? Role { get; init; }

    /// <summary>The parts of a message.</summary>
    public IReadOnlyList<ResponseContent>? Content { get; init; }

    /// <summary>Identifies a call for its result.</summary>
    public string? CallId { get; init; }

    /// <summary>The function that a call names.</summary>
    public string? Name { get; init; }

    /// <summary>The arguments of a call: a JSON object as text.</summary>
    public string? Arguments { get; init; }

    /// <summary>The result of a call.</summary>
    public string? Output { get; init; }

    /// <summary>The memory that the item takes, in bytes, without log-probabilities.</summary>
    public static long ByteSizeOf(ResponseItem item) =>
        OverheadByteSize + (sizeof(char) * ((long)item.Id.Length + (item.CallId?.Length ?? 0) + (item.Name?.Length ?? 0) + (item.Arguments?.Length ?? 0) + (item.Output?.Length ?? 0)
            + (item.Content?.Sum(part => (long)part.Text.Length) ?? 0))) + ((long)PartOverheadByteSize * (item.Content?.Count ?? 0));

    /// <summary>The item without log-probabilities, which take far more memory than the text and are not part of a prompt.</summary>
    public ResponseItem WithoutLogprobs() =>
        Content is null ? this : this with { Content = [.. Content.Select(part => part.Logprobs is { Count: > 0 } ? part with { Logprobs = [] } : part)] };
}
