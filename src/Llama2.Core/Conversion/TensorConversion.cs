using Llama2.Formats;

namespace Llama2.Conversion;

/// <summary>What is to become of a tensor.</summary>
/// <param name="Tensor">The tensor as its file has it.</param>
/// <param name="Type">The format to write.</param>
/// <param name="Importance">How much the error of each column counts; null where all count the same.</param>
internal sealed record TensorConversion(TensorDescription Tensor, GgmlType Type, float[]? Importance);
