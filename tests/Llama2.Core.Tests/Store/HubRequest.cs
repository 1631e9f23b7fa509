namespace Llama2.Tests.Store;

/// <summary>A request that a hub received.</summary>
/// <param name="Path">The path and the query.</param>
/// <param name="Headers">The headers; their names are case-insensitive.</param>
internal sealed record HubRequest(string Path, IReadOnlyDictionary<string, string> Headers)
{
    /// <summary>Whether the request is for a file rather than for the list of files.</summary>
    public bool IsForFile => Path.Contains("/resolve/", StringComparison.Ordinal) || Path.StartsWith("/elsewhere/", StringComparison.Ordinal);

    /// <summary>The header's value; null if it is absent.</summary>
    public string? Header(string name) => Headers.GetValueOrDefault(name);
}
