using System.Text.Json;
using System.Text.Json.Serialization;

namespace Llama2.Server.Responses;

/// <summary>A response: the answer, and the request's fields.</summary>
internal sealed record ModelResponse
{
    public required string Id { get; init; }

    public string Object { get; } = "response";

    /// <summary>When the answer began, in seconds since 1970.</summary>
    public long CreatedAt { get; init; }

    public string Status { get; init; } = ResponseStatus.InProgress;

    /// <summary>When the answer was complete, in seconds since 1970; null if it is not complete.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public long? CompletedAt { get; init; }

    public bool Background { get; }

    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public ResponseError? Error { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public ResponseIncompleteDetails? IncompleteDetails { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public string? Instructions { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public int? MaxOutputTokens { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public int? MaxToolCalls { get; init; }

    public string Model { get; init; } = "";

    public IReadOnlyList<ResponseItem> Output { get; init; } = [];

    public bool ParallelToolCalls { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public string? PreviousResponseId { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public string? PromptCacheKey { get; init; }

    public ResponseReasoning Reasoning { get; } = new();

    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public string? SafetyIdentifier { get; init; }

    public string ServiceTier { get; } = "default";

    /// <summary>Whether the response is stored when it is complete.</summary>
    public bool Store { get; init; }

    public float Temperature { get; init; }

    public ResponseTextSettings Text { get; init; } = ResponseTextSettings.PlainText;

    public JsonElement ToolChoice { get; init; }

    public IReadOnlyList<JsonElement> Tools { get; init; } = [];

    public int TopLogprobs { get; init; }

    public float TopP { get; init; }

    public string Truncation { get; } = "disabled";

    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public ResponseUsage? Usage { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public string? User { get; init; }

    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();
}
