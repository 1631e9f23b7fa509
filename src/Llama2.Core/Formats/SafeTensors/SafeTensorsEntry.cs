namespace Llama2.Formats.SafeTensors;

/// <summary>
/// A tensor of a safetensors file. If it was read from a file, the reader has checked that the tensor has exactly the size that its shape and type
/// require.
/// </summary>
/// <param name="Name">The name in the file.</param>
/// <param name="DataType">The type as the format names it, such as <c>BF16</c>.</param>
/// <param name="Shape">The lengths of the dimensions, the row length last; empty if the tensor is a single number.</param>
/// <param name="Offset">File offset of the first byte.</param>
/// <param name="ByteSize">The size of the tensor in bytes.</param>
/// <param name="EntryOffset">File offset of the entry in the header, for error messages; null for a tensor that is to be written.</param>
internal sealed record SafeTensorsEntry(string Name, string DataType, IReadOnlyList<long> Shape, long Offset, long ByteSize, long? EntryOffset);
