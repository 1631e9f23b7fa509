namespace Llama2.Training.Operations;

/// <summary>The tokens of one sample in a batch of packed samples. They attend only to tokens of the same sample.</summary>
/// <param name="Start">The first token's row.</param>
/// <param name="Count">The number of tokens.</param>
internal readonly record struct Segment(int Start, int Count);
