using System.Text.Json.Serialization;

namespace LogLikelihoods;

/// <summary>Tokens, of which those from <paramref name="Start"/> on were scored, and llama2's result.</summary>
internal sealed record ScoredRequest(
    [property: JsonPropertyName("tokens")] int[] Tokens,
    [property: JsonPropertyName("start")] int Start,
    [property: JsonPropertyName("log_likelihood")] double LogLikelihood,
    [property: JsonPropertyName("greedy")] bool IsGreedy);
