namespace Llama2.Training;

/// <summary>Tokens to learn from. Immutable: the memory must not be written to.</summary>
/// <param name="Tokens">2 or more token ids, begin-of-sequence included.</param>
/// <param name="LossMask">One a token: true where the token is to be predicted from those before it. The first one's has no effect.</param>
public sealed record TrainingSample(ReadOnlyMemory<int> Tokens, ReadOnlyMemory<bool> LossMask);
