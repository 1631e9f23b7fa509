using System.Buffers.Text;
using System.Security.Cryptography;
using Llama2.Server.Security;

namespace Llama2.Server;

/// <summary>
/// A new API key. <see cref="Text"/> is for the client and is shown once; <see cref="Entry"/> is for the server's file of keys, and the key cannot be computed
/// from it. Immutable.
/// </summary>
public sealed class LlamaApiKey
{
    /// <summary>The minimum length of a key in characters: 32 characters of a random key, even in hexadecimal, have 128 bits or more.</summary>
    public const int MinLength = 32;

    /// <summary>The maximum length of a key in characters.</summary>
    public const int MaxLength = 512;

    // Text searches, such as those for secrets in a repository, recognize keys by their beginning.
    private const string Prefix = "llama2-";
    private const int RandomByteCount = 32;

    private LlamaApiKey(string name, string text)
    {
        Name = name;
        Text = text;
        Entry = ApiKeyEntry.Of(name, text).ToString();
    }

    /// <summary>The key's name: it identifies the client in logs, and gives the client a prefix scope and rate limits of its own.</summary>
    public string Name { get; }

    /// <summary>The key: <c>llama2-</c> and 256 random bits in 43 characters.</summary>
    public string Text { get; }

    /// <summary>The line for the file of keys: the name and the key's SHA-256.</summary>
    public string Entry { get; }

    /// <summary>Creates a random key.</summary>
    /// <param name="name">
    /// 1 to 64 letters and digits of ASCII, <c>.</c>, <c>_</c>, <c>@</c> and <c>-</c>. Several keys may have the same name, such as an old and a new key of a
    /// client.
    /// </param>
    /// <exception cref="LlamaApiKeyException">The name has other characters, or another length.</exception>
    public static LlamaApiKey Create(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return new LlamaApiKey(name, Prefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(RandomByteCount)));
    }

    /// <summary>The name. The key itself is left out, so that it does not get into a log.</summary>
    public override string ToString() => $"{nameof(LlamaApiKey)} {{ {nameof(Name)} = {Name} }}";
}
