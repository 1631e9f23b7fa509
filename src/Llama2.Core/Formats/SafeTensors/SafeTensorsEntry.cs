namespace Llama2.Formats.SafeTensors;

/// <summary>A tensor of a safetensors file; its reader has checked that shape and type fill exactly the bytes it names.</summary>
/// <param name="Name">The name in the words of the file.</param>
/// <param name="DataType">The type as the format names it, such as <c>BF16</c>.</param>
/// <param name="Shape">The lengths, the row length last; none for a single number.</param>
/// <param name="Offset">File offset of the first byte.</param>
/// <param name="ByteSize">Bytes of the tensor.</param>
/// <param name="EntryOffset">File offset of the entry in the header, for error messages.</param>
internal sealed record SafeTensorsEntry(string Name, string DataType, IReadOnlyList<long> Shape, long Offset, long ByteSize, long EntryOffset);
