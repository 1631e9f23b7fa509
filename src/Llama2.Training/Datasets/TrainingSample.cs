namespace Llama2.Training;

/// <summary>The tokens of a sample, and which of them are learned. Immutable: the memory must not be modified.</summary>
/// <param name="Tokens">2 or more token ids, including begin-of-sequence.</param>
/// <param name="LossMask">One value for each token: true if training learns to predict the token from the preceding tokens. The first value has no effect.</param>
public sealed record TrainingSample(ReadOnlyMemory<int> Tokens, ReadOnlyMemory<bool> LossMask)
{
    /// <summary>
    /// Whether the answer, which begins with the first token to learn, is rated as desirable or undesirable, for <see cref="PreferenceMethod.Kto"/>. Null
    /// (the default) for a sample that is learned without a rating.
    /// </summary>
    public bool? IsDesirable { get; init; }
}
