namespace Llama2;

/// <summary>A token that could have come next, and its probability.</summary>
/// <param name="Token">The token's id.</param>
/// <param name="LogProbability">Natural logarithm of the model's probability for the token, 0 or less and finite: before bias, penalties, filters and temperature.</param>
public readonly record struct TokenLogProbability(int Token, float LogProbability);
