namespace Llama2.Formats.PyTorch;

/// <summary>A storage as the pickle describes it: an array of numbers of one type, to which one or more tensors refer.</summary>
/// <param name="Type">The type of the numbers.</param>
/// <param name="Key">The name under which the container stores the bytes.</param>
/// <param name="ElementCount">The number of elements.</param>
internal sealed record TorchStorage(GgmlType Type, string Key, long ElementCount);
