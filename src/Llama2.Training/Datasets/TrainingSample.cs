namespace Llama2.Training;

/// <summary>Tokens for training. Immutable: the memory must not be modified.</summary>
/// <param name="Tokens">2 or more token ids, including begin-of-sequence.</param>
/// <param name="LossMask">One value for each token: true if the token is to be predicted from the preceding tokens. The first value has no effect.</param>
public sealed record TrainingSample(ReadOnlyMemory<int> Tokens, ReadOnlyMemory<bool> LossMask);
