namespace Llama2.Store;

/// <summary>A file of a repository.</summary>
/// <param name="Path">Its path there, with '/' between the names. Not checked until it is selected.</param>
/// <param name="ByteSize">Its bytes.</param>
/// <param name="Hash">What its content must hash to; null where the hub says nothing.</param>
internal sealed record HubFile(string Path, long ByteSize, ContentHash? Hash);
