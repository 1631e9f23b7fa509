using System.Text.Json.Serialization;

namespace Llama2.Server.Protocol;

/// <summary>The message of a choice.</summary>
/// <param name="Content">The text; null if the message consists of calls.</param>
/// <param name="ToolCalls">The calls; null if there are none.</param>
/// <param name="Refusal">Always null: the library does not classify answers.</param>
/// <param name="Role">Always <c>assistant</c>.</param>
internal sealed record ChatReply(
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Content,
    IReadOnlyList<ToolCall>? ToolCalls,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Refusal = null,
    string Role = "assistant");
