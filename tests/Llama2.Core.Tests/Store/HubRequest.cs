namespace Llama2.Tests.Store;

/// <summary>What a hub was asked.</summary>
/// <param name="Path">Path and query.</param>
/// <param name="Headers">The headers, their names in any case.</param>
internal sealed record HubRequest(string Path, IReadOnlyDictionary<string, string> Headers)
{
    /// <summary>Whether it is for a file, not for the list of files.</summary>
    public bool IsForFile => Path.Contains("/resolve/", StringComparison.Ordinal) || Path.StartsWith("/elsewhere/", StringComparison.Ordinal);

    /// <summary>The header's value; null where there is none.</summary>
    public string? Header(string name) => Headers.GetValueOrDefault(name);
}
