namespace Llama2.Store;

/// <summary>A file of a repository.</summary>
/// <param name="Path">The file's path in the repository, with '/' between the names. The path is checked when the file is selected.</param>
/// <param name="ByteSize">The file's size in bytes.</param>
/// <param name="Hash">The expected hash of its content; null if the hub does not state it.</param>
internal sealed record HubFile(string Path, long ByteSize, ContentHash? Hash);
