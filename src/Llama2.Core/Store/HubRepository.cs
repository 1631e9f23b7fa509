using System.Text.Json;
using Llama2.Formats;

namespace Llama2.Store;

/// <summary>A repository at one commit.</summary>
/// <param name="Commit">
/// The commit. All files are requested from this commit, so that they belong together even if the repository changes during the pull.
/// </param>
/// <param name="Files">The repository's files, in the hub's order.</param>
internal sealed record HubRepository(string Commit, IReadOnlyList<HubFile> Files)
{
    private const int MaxFileCount = 50_000;

    /// <summary>The maximum size of a file in bytes, 128 TiB. With this limit, the sum of the sizes of all files fits in a long.</summary>
    public const long MaxByteSize = 1L << 47;

    /// <summary>
    /// Parses the hub's response for <c>api/models/…/revision/…?blobs=true</c>, or for the same request of a data set:
    /// <c>{"sha":…,"siblings":[{"rfilename","size","blobId","lfs":{"sha256"}}]}</c>.
    /// </summary>
    /// <param name="json">The response's body.</param>
    /// <param name="host">The hub's host name, for messages.</param>
    /// <exception cref="ModelStoreException">The response does not have this form.</exception>
    public static HubRepository Parse(ReadOnlyMemory<byte> json, string host)
    {
        try
        {
            JsonFields.CheckTexts(json.Span, host);
            using JsonDocument document = JsonDocument.Parse(json);
            JsonElement root = document.RootElement;
            string commit = root.GetProperty("sha"u8).GetString() ?? "";
            if (RepositoryPath.FindRevisionFault(commit) is { } fault)
                throw new ModelStoreException($"The hub at {host} names a commit that {fault}.");

            JsonElement siblings = root.GetProperty("siblings"u8);
            if (siblings.GetArrayLength() > MaxFileCount)
                throw new ModelStoreException($"The hub at {host} lists more than {MaxFileCount} files.");
            return new HubRepository(commit, [.. siblings.EnumerateArray().Select(ReadFile)]);
        }
        catch (Exception exception) when (exception is JsonException or ModelFormatException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new ModelStoreException($"The server at {host} is not a hub: it does not list the repository's files, with their sizes, as JSON.", exception);
        }
    }

    private static HubFile ReadFile(JsonElement element)
    {
        string path = element.GetProperty("rfilename"u8).GetString() ?? "";
        if (path.Any(char.IsControl))
            throw new FormatException("A file's path has control characters.");
        if (element.TryGetProperty("lfs"u8, out JsonElement large) && large.ValueKind == JsonValueKind.Object)
            return new HubFile(path, Size(large), ContentHash.Parse(large.GetProperty("sha256"u8).GetString()));
        return new HubFile(path, Size(element), element.TryGetProperty("blobId"u8, out JsonElement blob) ? ContentHash.Parse(blob.GetString()) : null);
    }

    private static long Size(JsonElement element) =>
        element.GetProperty("size"u8).GetInt64() is >= 0 and <= MaxByteSize and var size ? size : throw new FormatException("A file's size is out of range.");
}
