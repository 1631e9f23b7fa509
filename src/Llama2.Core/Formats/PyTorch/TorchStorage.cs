namespace Llama2.Formats.PyTorch;

/// <summary>Numbers of one type that tensors share, as the pickle declares them.</summary>
/// <param name="Type">The type of the numbers.</param>
/// <param name="Key">The name by which the container finds the bytes.</param>
/// <param name="ElementCount">The number of elements.</param>
internal sealed record TorchStorage(GgmlType Type, string Key, long ElementCount);
