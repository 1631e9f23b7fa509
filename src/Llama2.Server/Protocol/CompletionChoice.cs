using System.Text.Json.Serialization;

namespace Llama2.Server.Protocol;

/// <summary>A text, or what an event adds to it.</summary>
internal sealed record CompletionChoice(
    int Index,
    string Text,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] CompletionLogprobs? Logprobs = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? FinishReason = null);
