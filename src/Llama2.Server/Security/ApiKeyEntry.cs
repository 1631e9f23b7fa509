using System.Security.Cryptography;
using System.Text;

namespace Llama2.Server.Security;

/// <summary>A key's name and its SHA-256, from which the key cannot be computed.</summary>
internal sealed class ApiKeyEntry
{
    private const string HashPrefix = "sha256:";
    private const int MaxNameLength = 64;

    private ApiKeyEntry(string name, byte[] hash)
    {
        Name = name;
        Hash = hash;
    }

    public string Name { get; }

    public byte[] Hash { get; }

    /// <summary>The entry of a key.</summary>
    /// <exception cref="LlamaApiKeyException">The name or the key is not valid.</exception>
    public static ApiKeyEntry Of(string name, string key)
    {
        CheckName(name);
        if (key.Length is < LlamaApiKey.MinLength or > LlamaApiKey.MaxLength || !key.All(IsOfKey))
        {
            throw new LlamaApiKeyException(FormattableString.Invariant(
                $"The key '{name}' has {key.Length} characters; it must be random and have {LlamaApiKey.MinLength} to {LlamaApiKey.MaxLength} ")
                + "visible characters of ASCII without commas.");
        }

        return new ApiKeyEntry(name, HashOf(key));
    }

    /// <summary>Reads <c>name:sha256:hash</c> or <c>name:key</c>.</summary>
    /// <param name="text">The entry.</param>
    /// <param name="allowsText">Whether the second form is allowed.</param>
    /// <exception cref="LlamaApiKeyException">The entry is not valid. The message does not quote it.</exception>
    public static ApiKeyEntry Read(string text, bool allowsText)
    {
        int end = text.IndexOf(':', StringComparison.Ordinal);
        if (end < 0)
            throw new LlamaApiKeyException("An entry must be 'name:sha256:' and 64 hexadecimal digits.");
        (string name, string rest) = (text[..end], text[(end + 1)..]);
        if (!rest.StartsWith(HashPrefix, StringComparison.Ordinal))
        {
            return allowsText
                ? Of(name, rest)
                : throw new LlamaApiKeyException("An entry of a file must contain the key's hash, not the key: 'name:sha256:' and 64 hexadecimal digits.");
        }

        string digits = rest[HashPrefix.Length..];
        if (digits.Length != 2 * SHA256.HashSizeInBytes || !digits.All(char.IsAsciiHexDigit))
        {
            throw new LlamaApiKeyException(
                FormattableString.Invariant($"The hash has {digits.Length} characters; it must have {2 * SHA256.HashSizeInBytes} hexadecimal digits."));
        }

        CheckName(name);
        return new ApiKeyEntry(name, Convert.FromHexString(digits));
    }

    /// <summary>The SHA-256 of a key, or of any other text that a client sends as one.</summary>
    public static byte[] HashOf(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));

    /// <summary>The entry as a line of a file.</summary>
    public override string ToString() => $"{Name}:{HashPrefix}{Convert.ToHexStringLower(Hash)}";

    private static void CheckName(string name)
    {
        if (name.Length is 0 or > MaxNameLength || !name.All(character => char.IsAsciiLetterOrDigit(character) || "._@-".Contains(character, StringComparison.Ordinal)))
            throw new LlamaApiKeyException($"A key's name must have 1 to {MaxNameLength} letters and digits of ASCII, '.', '_', '@' and '-'.");
    }

    // Commas separate the entries of an environment variable.
    private static bool IsOfKey(char character) => character is > ' ' and < (char)0x7F and not ',';
}
