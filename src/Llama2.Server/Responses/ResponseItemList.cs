using System.Text.Json.Serialization;

namespace Llama2.Server.Responses;

/// <summary>The answer of <c>GET /v1/responses/{id}/input_items</c>: some of the items.</summary>
internal sealed record ResponseItemList(
    IReadOnlyList<ResponseItem> Data,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? FirstId,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? LastId,
    bool HasMore,
    string Object = "list");
