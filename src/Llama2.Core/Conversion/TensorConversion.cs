using Llama2.Formats;

namespace Llama2.Conversion;

/// <summary>The way in which a tensor is converted.</summary>
/// <param name="Tensor">The tensor in its file.</param>
/// <param name="Type">The format to write.</param>
/// <param name="Importance">The importance of each column's errors; null if all are equal.</param>
internal sealed record TensorConversion(TensorDescription Tensor, GgmlType Type, float[]? Importance);
