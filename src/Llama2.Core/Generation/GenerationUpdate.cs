namespace Llama2;

/// <summary>
/// One step of a generation. Each token makes an update; the last update has no token, and says why the generation ended and what it cost.
/// </summary>
/// <param name="Text">
/// Text that is now certain, to be appended to what came before; empty while a character is unfinished or a stop sequence may be under way.
/// </param>
/// <param name="Token">The token chosen, or null in the last update.</param>
/// <param name="LogProbability">Natural logarithm of the model's probability for the token, if <see cref="GenerationOptions.LogProbabilities"/> or <see cref="GenerationOptions.TopLogProbabilityCount"/> asks for it.</param>
/// <param name="FinishReason">Why the generation ended; null before the last update.</param>
/// <param name="Usage">What the generation cost; null before the last update.</param>
/// <param name="TopLogProbabilities">
/// The tokens that the model found likeliest at this step, likeliest first, lower ids first among equals: as many as
/// <see cref="GenerationOptions.TopLogProbabilityCount"/> asks for, the token chosen among them or not. Null if it asks for none, and in the
/// last update.
/// </param>
public readonly record struct GenerationUpdate(
    string Text, int? Token = null, float? LogProbability = null, FinishReason? FinishReason = null, GenerationUsage? Usage = null,
    IReadOnlyList<TokenLogProbability>? TopLogProbabilities = null)
{
    /// <summary>The text, so that an update can be written where a string is expected.</summary>
    public override string ToString() => Text;
}
