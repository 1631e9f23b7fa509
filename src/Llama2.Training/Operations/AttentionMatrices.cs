using Llama2.Training.Tensors;

namespace Llama2.Training.Operations;

/// <summary>The matrices of one layer's attention, or their gradients.</summary>
/// <param name="Query">[tokens, heads × head]</param>
/// <param name="Key">[tokens, key and value heads × head]</param>
/// <param name="Value">[tokens, key and value heads × head]</param>
/// <param name="Attended">[tokens, heads × head]</param>
/// <param name="LogSums">[tokens, heads]: the logarithms of the sums of exponentials.</param>
internal readonly record struct AttentionMatrices(Matrix Query, Matrix Key, Matrix Value, Matrix Attended, Matrix LogSums);
