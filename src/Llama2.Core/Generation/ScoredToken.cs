namespace Llama2;

/// <summary>
/// A token of a given sequence, and its probability after all tokens before it; see <see cref="ILlamaModel.ComputeTopLogProbabilitiesAsync"/>.
/// </summary>
/// <param name="Token">The token's id.</param>
/// <param name="LogProbability">The natural logarithm of the model's probability for the token. It is finite, and 0 or less.</param>
/// <param name="TopLogProbabilities">
/// The likeliest tokens at this position, whether or not this token is among them: in descending order of probability; tokens of equal probability
/// are in ascending order of their ids. Empty if none were requested.
/// </param>
public readonly record struct ScoredToken(int Token, float LogProbability, IReadOnlyList<TokenLogProbability> TopLogProbabilities);
