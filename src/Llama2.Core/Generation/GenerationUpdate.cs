namespace Llama2;

/// <summary>
/// One step of a generation. There is an update for each token. The last update has no token; it reports why the generation ended, and the token
/// counts and times of the whole generation.
/// </summary>
/// <param name="Text">
/// Text that has become certain with this update, to be appended to the text of the earlier updates. Empty while a character is incomplete or the
/// text may be the beginning of a stop sequence.
/// </param>
/// <param name="Token">The token chosen, or null in the last update.</param>
/// <param name="LogProbability">
/// Natural logarithm of the model's probability for the token, if <see cref="GenerationOptions.LogProbabilities"/> or
/// <see cref="GenerationOptions.TopLogProbabilityCount"/> requests it.
/// </param>
/// <param name="FinishReason">Why the generation ended; null before the last update.</param>
/// <param name="Usage">Token counts and times of the generation; null before the last update.</param>
/// <param name="TopLogProbabilities">
/// The likeliest tokens at this step, in descending order of probability; tokens of equal probability are in ascending order of their ids. Their
/// number is <see cref="GenerationOptions.TopLogProbabilityCount"/>, whether or not the chosen token is among them. Null if that number is 0, and in
/// the last update.
/// </param>
/// <param name="ToolCalls">
/// In a chat session with tools, the tool calls that this update completes; their text is not part of <paramref name="Text"/>. Null if there are none.
/// </param>
public readonly record struct GenerationUpdate(
    string Text, int? Token = null, float? LogProbability = null, FinishReason? FinishReason = null, GenerationUsage? Usage = null,
    IReadOnlyList<TokenLogProbability>? TopLogProbabilities = null, IReadOnlyList<LlamaToolCall>? ToolCalls = null)
{
    /// <summary>
    /// In the last update, the entry of <see cref="GenerationOptions.StopSequences"/> that ended the text. Null in all earlier updates, and in the last one if
    /// no entry of that list ended the text. The prompt format can have further stop sequences, which are not reported here.
    /// </summary>
    public string? StopSequence { get; init; }

    /// <summary>The text, so that an update can be written where a string is expected.</summary>
    public override string ToString() => Text;
}
