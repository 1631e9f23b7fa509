using System.Text.Json.Serialization;

namespace Llama2.Server.Responses;

/// <summary>The settings of reasoning; both are always null, because the models do not reason apart from their answer.</summary>
internal sealed record ResponseReasoning(
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Effort = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Summary = null);
