using Llama2.Server.Security;

namespace Llama2.Server;

/// <summary>
/// Where a server's API keys come from: a file, an environment variable and given entries, all of which apply together. Immutable; checked when set.
/// </summary>
/// <remarks>
/// An entry is <c>name:sha256:</c> and the key's SHA-256 in 64 hexadecimal digits, as <see cref="LlamaApiKey.Entry"/> and <c>sha256sum</c> compute it, or
/// <c>name:key</c> with the key itself, which has 32 to 512 visible characters of ASCII without commas. In a file, only the first form is allowed. SHA-256
/// suffices, although passwords need a slow hash: a random key of 128 bits or more cannot be found by trying, however fast each trial is.
/// </remarks>
public sealed record LlamaApiKeyOptions
{
    /// <summary>The environment variable that is read by default.</summary>
    public const string DefaultEnvironmentVariable = "LLAMA2_API_KEYS";

    /// <summary>
    /// The path of a file with an entry in each line; null (the default) for none. Empty lines and lines that begin with <c>#</c> are ignored. The file is at
    /// most 1 MiB long. A changed file is read again, at most every 2 seconds; if it is then missing or not valid, the earlier keys remain valid and an error
    /// is logged.
    /// </summary>
    public string? Path { get; init; }

    /// <summary>
    /// The name of an environment variable with entries that are separated by commas or line breaks; default <c>LLAMA2_API_KEYS</c>; null for none. The
    /// variable need not exist. It is read once.
    /// </summary>
    public string? EnvironmentVariable { get; init; } = DefaultEnvironmentVariable;

    /// <summary>Further entries. Default empty. Copied when set.</summary>
    /// <exception cref="LlamaApiKeyException">An entry is not valid.</exception>
    public IReadOnlyList<string> Entries
    {
        get;
        init
        {
            ArgumentNullException.ThrowIfNull(value, nameof(Entries));
            field = [.. value];
            ApiKeySource.Read(field, nameof(Entries), allowsText: true);
        }
    }
    = [];

    /// <summary>The values of the properties, without <see cref="Entries"/>, which may contain keys.</summary>
    public override string ToString() =>
        $"{nameof(LlamaApiKeyOptions)} {{ {nameof(Path)} = {Path}, {nameof(EnvironmentVariable)} = {EnvironmentVariable}, {nameof(Entries)}: {Entries.Count} }}";
}
