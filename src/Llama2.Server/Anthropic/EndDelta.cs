using System.Text.Json.Serialization;

namespace Llama2.Server.Anthropic;

/// <summary>How an answer ends.</summary>
/// <param name="StopReason">Why it ends.</param>
/// <param name="StopSequence">The requested stop sequence at which it ends; null if it ends otherwise.</param>
internal sealed record EndDelta(string StopReason, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? StopSequence) : AnthropicDelta;
