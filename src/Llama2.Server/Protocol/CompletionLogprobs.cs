using System.Text.Json.Serialization;

namespace Llama2.Server.Protocol;

/// <summary>The log-probabilities of the tokens of a text, one value for each token.</summary>
/// <param name="Tokens">The tokens' texts.</param>
/// <param name="TokenLogprobs">The natural logarithms of the model's probabilities; null for the first token of a prompt.</param>
/// <param name="TopLogprobs">The likeliest tokens and the chosen one, by their texts; null if none were requested, and for the first token of a prompt.</param>
/// <param name="TextOffset">Where each token begins in the text, in characters.</param>
internal sealed record CompletionLogprobs(
    IReadOnlyList<string> Tokens,
    IReadOnlyList<float?> TokenLogprobs,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] IReadOnlyList<IReadOnlyDictionary<string, float>?>? TopLogprobs,
    IReadOnlyList<int> TextOffset);
