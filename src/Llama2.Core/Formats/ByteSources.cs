namespace Llama2.Formats;

/// <summary>Opens files for reading, with or without a memory mapping.</summary>
internal static class ByteSources
{
    /// <param name="path">The file.</param>
    /// <param name="memoryMapped">True to map the file into memory instead of reading it; <see cref="Memory.MappedFile"/> describes the risk.</param>
    /// <exception cref="IOException">The file cannot be opened.</exception>
    public static IByteSource Open(string path, bool memoryMapped) => memoryMapped ? new MappedByteSource(path) : new FileByteSource(path);
}
