using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Llama2.Store;

/// <summary>
/// What a file's content must hash to: SHA-256 for files that the hub keeps as large ones (Git LFS), and for the others Git's own name of the
/// content, SHA-1 of <c>blob SIZE</c>, a zero byte and the content.
/// </summary>
internal sealed record ContentHash
{
    private const int Sha256Length = 64;
    private const int Sha1Length = 40;

    private ContentHash(string hex) => Hex = hex;

    /// <summary>The hash in lower case; its length says which it is.</summary>
    public string Hex { get; }

    /// <summary>Reads a hash; null where the text is none.</summary>
    public static ContentHash? Parse(string? hex) =>
        hex is { Length: Sha256Length or Sha1Length } && hex.All(char.IsAsciiHexDigit) ? new ContentHash(hex.ToLowerInvariant()) : null;

    /// <summary>Begins to hash a content of so many bytes.</summary>
    public IncrementalHash Begin(long byteSize)
    {
        if (Hex.Length == Sha256Length)
            return IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
#pragma warning disable CA5350 // Git names its contents by it; only what is not a large file has no other.
        var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA1);
#pragma warning restore CA5350
        hash.AppendData(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"blob {byteSize}\0")));
        return hash;
    }
}
