namespace Llama2.Formats.PyTorch;

/// <summary>A tensor as the pickle claims it; nothing of it is checked yet.</summary>
/// <param name="Storage">Where its numbers are.</param>
/// <param name="ElementOffset">Its first number's index in the storage.</param>
/// <param name="Shape">PyTorch's order: the row length comes last.</param>
/// <param name="Strides">Numbers from one index of a dimension to the next.</param>
/// <param name="FileOffset">File offset of the opcode that makes it, for error messages.</param>
internal sealed record TorchTensor(TorchStorage Storage, long ElementOffset, long[] Shape, long[] Strides, long FileOffset);
