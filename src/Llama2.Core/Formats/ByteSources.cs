namespace Llama2.Formats;

/// <summary>Opens files in the way that the caller has chosen.</summary>
internal static class ByteSources
{
    /// <param name="path">The file.</param>
    /// <param name="memoryMapped">Maps the file instead of reading it; <see cref="Memory.MappedFile"/> says what that risks.</param>
    /// <exception cref="IOException">The file cannot be opened.</exception>
    public static IByteSource Open(string path, bool memoryMapped) => memoryMapped ? new MappedByteSource(path) : new FileByteSource(path);
}
