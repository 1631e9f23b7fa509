namespace Llama2.Formats.PyTorch;

/// <summary>A file inside a ZIP archive, stored without compression; <see cref="StoredZip"/> has checked that it is within the archive.</summary>
/// <param name="Name">The entry's name. It is used only to find the entry, never as the path of a file.</param>
/// <param name="Offset">Offset of its first byte in the archive.</param>
/// <param name="Length">The entry's size in bytes.</param>
internal sealed record ZipEntry(string Name, long Offset, long Length);
