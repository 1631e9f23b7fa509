namespace Llama2;

/// <summary>A token that could have come next, and its probability.</summary>
/// <param name="Token">The token's id.</param>
/// <param name="LogProbability">
/// The natural logarithm of the model's probability for the token, before bias, penalties, filters and temperature. It is finite, and 0 or less.
/// </param>
public readonly record struct TokenLogProbability(int Token, float LogProbability);
