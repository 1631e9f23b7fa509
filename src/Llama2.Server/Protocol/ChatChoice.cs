using System.Text.Json.Serialization;

namespace Llama2.Server.Protocol;

/// <summary>One of the answers to a request.</summary>
internal sealed record ChatChoice(
    int Index, ChatReply Message, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] ChatLogprobs? Logprobs, string FinishReason);
