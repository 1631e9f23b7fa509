using System.Text.Json.Serialization;

namespace Llama2.Server.Protocol;

/// <summary>What an event adds to a choice.</summary>
internal sealed record ChunkChoice(
    int Index,
    ChunkDelta Delta,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] ChatLogprobs? Logprobs = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? FinishReason = null);
