using System.Text;

namespace Llama2.Server.Security;

/// <summary>Reads the entries of a source of keys. Errors name the source and the entry's number, and never quote an entry.</summary>
internal static class ApiKeySource
{
    /// <summary>The maximum size in bytes of a file of keys.</summary>
    public const int MaxFileByteSize = 1 << 20;

    // All keys are compared with each request's key.
    private const int MaxCount = 10_000;

    /// <summary>Reads entries.</summary>
    /// <param name="lines">The entries; empty ones and those that begin with # are ignored.</param>
    /// <param name="source">The source's name in errors.</param>
    /// <param name="allowsText">Whether entries may contain keys themselves.</param>
    /// <exception cref="LlamaApiKeyException">An entry is not valid.</exception>
    public static IReadOnlyList<ApiKeyEntry> Read(IEnumerable<string> lines, string source, bool allowsText)
    {
        List<ApiKeyEntry> entries = [];
        int number = 0;
        foreach (string line in lines)
        {
            number++;
            string text = line.Trim();
            if (text.Length == 0 || text[0] == '#')
                continue;
            try
            {
                entries.Add(ApiKeyEntry.Read(text, allowsText));
            }
            catch (LlamaApiKeyException exception)
            {
                throw new LlamaApiKeyException(FormattableString.Invariant($"{source}, entry {number}: {exception.Message}"));
            }

            if (entries.Count > MaxCount)
                throw new LlamaApiKeyException(FormattableString.Invariant($"{source} has more than {MaxCount:N0} keys, the limit."));
        }

        return entries;
    }

    /// <summary>Reads the entries of an environment variable, which need not exist.</summary>
    /// <exception cref="LlamaApiKeyException">An entry is not valid.</exception>
    public static IReadOnlyList<ApiKeyEntry> ReadVariable(string name) =>
        Read((Environment.GetEnvironmentVariable(name) ?? "").Split([',', '\n', '\r']), $"The environment variable {name}", allowsText: true);

    /// <summary>Reads the entries of a file.</summary>
    /// <exception cref="LlamaApiKeyException">The file cannot be read, is too large, or has an entry that is not valid.</exception>
    public static IReadOnlyList<ApiKeyEntry> ReadFile(string path)
    {
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            // A file that grows, or a device without an end, is not read beyond the limit.
            var bytes = new byte[MaxFileByteSize + 1];
            int count = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            return ReadText(bytes.AsSpan(0, count), path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new LlamaApiKeyException($"The file of API keys '{path}' cannot be read: {exception.Message}", exception);
        }
    }

    /// <summary>Reads the entries of a file whose content is known.</summary>
    /// <exception cref="LlamaApiKeyException">The file is too large, or has an entry that is not valid.</exception>
    public static IReadOnlyList<ApiKeyEntry> ReadText(ReadOnlySpan<byte> content, string path) => content.Length <= MaxFileByteSize
        ? Read(Encoding.UTF8.GetString(content).TrimStart('\uFEFF').Split('\n'), $"The file of API keys '{path}'", allowsText: false)
        : throw new LlamaApiKeyException(FormattableString.Invariant($"The file of API keys '{path}' has more than {MaxFileByteSize:N0} bytes, the limit."));
}
