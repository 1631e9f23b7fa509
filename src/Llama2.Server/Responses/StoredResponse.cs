namespace Llama2.Server.Responses;

/// <summary>A response that later requests may continue. Immutable.</summary>
/// <param name="Id">The response's id.</param>
/// <param name="Scope">The prefix scope of its request; requests of other scopes do not find it.</param>
/// <param name="Json">The whole response.</param>
/// <param name="Input">The items that the model read, including the items of earlier responses that the request continued.</param>
/// <param name="Output">The items that the model wrote.</param>
internal sealed record StoredResponse(string Id, string? Scope, ReadOnlyMemory<byte> Json, IReadOnlyList<ResponseItem> Input, IReadOnlyList<ResponseItem> Output)
{
    /// <summary>The memory that the response takes, in bytes. Items that it shares with earlier responses count again, so the sum is an upper limit.</summary>
    public long ByteSize { get; } = Json.Length + Input.Sum(ResponseItem.ByteSizeOf) + Output.Sum(ResponseItem.ByteSizeOf);

    /// <summary>The conversation that a request continues when it names this response.</summary>
    public IEnumerable<ResponseItem> Conversation => Input.Concat(Output);
}
