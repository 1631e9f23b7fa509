namespace Llama2.Formats.PyTorch;

/// <summary>A tensor as the pickle describes it; its values are not checked yet.</summary>
/// <param name="Storage">The storage that contains its numbers.</param>
/// <param name="ElementOffset">The index of its first number in the storage.</param>
/// <param name="Shape">The lengths of the dimensions in PyTorch's order: the row length comes last.</param>
/// <param name="Strides">For each dimension, the distance in elements from one index to the next.</param>
/// <param name="FileOffset">The file offset of the opcode that creates the tensor, for error messages.</param>
internal sealed record TorchTensor(TorchStorage Storage, long ElementOffset, long[] Shape, long[] Strides, long FileOffset);
