namespace Llama2.Formats.PyTorch;

/// <summary>A file inside a ZIP archive, stored without compression; its reader has checked that it is within the archive.</summary>
/// <param name="Name">The entry's name, used to find it and never as a path.</param>
/// <param name="Offset">Offset of its first byte in the archive.</param>
/// <param name="Length">The entry's size in bytes.</param>
internal sealed record ZipEntry(string Name, long Offset, long Length);
