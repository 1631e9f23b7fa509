using System.Security.Cryptography;

namespace Llama2.Server.Security;

/// <summary>A server's keys at one time. Immutable.</summary>
internal sealed class ApiKeySet
{
    private readonly ApiKeyEntry[] _entries;

    /// <exception cref="LlamaApiKeyException">Two names have the same key, so that a request would have two names.</exception>
    public ApiKeySet(IEnumerable<ApiKeyEntry> entries)
    {
        _entries = [.. entries];
        foreach (IGrouping<string, ApiKeyEntry> same in _entries.GroupBy(entry => Convert.ToHexString(entry.Hash)))
        {
            string[] names = [.. same.Select(entry => entry.Name).Distinct()];
            if (names.Length > 1)
                throw new LlamaApiKeyException($"The names {string.Join(", ", names)} have the same API key; give each of them a key of its own.");
        }
    }

    public int Count => _entries.Length;

    /// <summary>The name of a key; null if the server does not have it. The time depends only on the length of the text and on the number of keys.</summary>
    public string? FindName(string key)
    {
        byte[] hash = ApiKeyEntry.HashOf(key);
        int found = -1;
        for (int i = 0; i < _entries.Length; i++)
        {
            // All entries are compared, each in the same time, and the index is chosen without a branch.
            int mask = -Convert.ToInt32(CryptographicOperations.FixedTimeEquals(hash, _entries[i].Hash));
            found = (found & ~mask) | (i & mask);
        }

        return found < 0 ? null : _entries[found].Name;
    }
}
