using Llama2.Formats;

namespace Llama2.Conversion;

/// <summary>How a tensor is converted.</summary>
/// <param name="Tensor">The tensor in its file.</param>
/// <param name="Type">The format to write.</param>
/// <param name="Importance">The importance of errors in each column; null if all columns are equally important.</param>
/// <param name="Rounding">Receives, and may change, the encoded rows; null for none.</param>
internal sealed record TensorConversion(TensorDescription Tensor, GgmlType Type, float[]? Importance, IRowRounding? Rounding = null);
