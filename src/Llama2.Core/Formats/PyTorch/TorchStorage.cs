namespace Llama2.Formats.PyTorch;

/// <summary>Numbers of one type that tensors share, as the pickle claims them.</summary>
/// <param name="Type">Type of the numbers.</param>
/// <param name="Key">The name by which the container finds the bytes.</param>
/// <param name="ElementCount">How many there are.</param>
internal sealed record TorchStorage(GgmlType Type, string Key, long ElementCount);
