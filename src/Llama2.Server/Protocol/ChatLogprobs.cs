using System.Text.Json.Serialization;

namespace Llama2.Server.Protocol;

/// <summary>The log-probabilities of a choice, or of a part of it.</summary>
internal sealed record ChatLogprobs(
    IReadOnlyList<TokenLogprob> Content, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] IReadOnlyList<TokenLogprob>? Refusal = null);
