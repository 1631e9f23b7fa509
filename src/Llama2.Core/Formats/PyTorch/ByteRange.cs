namespace Llama2.Formats.PyTorch;

/// <summary>A part of a file.</summary>
/// <param name="Offset">File offset of the first byte.</param>
/// <param name="Length">Number of bytes.</param>
internal readonly record struct ByteRange(long Offset, long Length);
