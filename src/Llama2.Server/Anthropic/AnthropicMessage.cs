using System.Text.Json.Serialization;

namespace Llama2.Server.Anthropic;

/// <summary>The answer of <c>POST /v1/messages</c>, and its beginning in the first event of a stream.</summary>
/// <param name="Id">Begins with <c>msg_</c>.</param>
/// <param name="Content">The blocks of the answer; empty in the first event of a stream, and if the model wrote nothing.</param>
/// <param name="Model">The model's name.</param>
/// <param name="StopReason">Why the answer ended; null in the first event of a stream.</param>
/// <param name="StopSequence">The requested stop sequence at which the answer ended; null if it ended otherwise.</param>
/// <param name="Usage">The tokens.</param>
/// <param name="Type">Always <c>message</c>.</param>
/// <param name="Role">Always <c>assistant</c>.</param>
internal sealed record AnthropicMessage(
    string Id,
    string Model,
    IReadOnlyList<ContentBlock> Content,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? StopReason,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? StopSequence,
    AnthropicUsage Usage,
    string Type = "message",
    string Role = "assistant");
