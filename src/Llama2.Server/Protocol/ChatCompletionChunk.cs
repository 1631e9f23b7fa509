using System.Text.Json.Serialization;

namespace Llama2.Server.Protocol;

/// <summary>One event of a streamed answer of <c>POST /v1/chat/completions</c>.</summary>
/// <param name="Id">The same in all events of an answer.</param>
/// <param name="Created">When the answer began, in seconds since 1970.</param>
/// <param name="Model">The model's name.</param>
/// <param name="SystemFingerprint">Identifies the model's weights.</param>
/// <param name="Choices">One choice; none in the event with the usage.</param>
/// <param name="Usage">The usage in the last event, if it was requested; null in all other events.</param>
/// <param name="Object">Always <c>chat.completion.chunk</c>.</param>
internal sealed record ChatCompletionChunk(
    string Id,
    long Created,
    string Model,
    string SystemFingerprint,
    IReadOnlyList<ChunkChoice> Choices,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] Usage? Usage = null,
    string Object = "chat.completion.chunk");
