using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Llama2.Formats;

namespace Llama2.Store;

/// <summary>
/// What a file's content must hash to: SHA-256 for files that the hub keeps as large ones (Git LFS), and for the others Git's own name of the
/// content, SHA-1 of <c>blob SIZE</c>, a zero byte and the content.
/// </summary>
internal sealed record ContentHash
{
    private const int Sha256Length = 64;
    private const int Sha1Length = 40;
    private const int BufferByteSize = 1 << 20;

    private ContentHash(string hex) => Hex = hex;

    /// <summary>The hash in lower case; its length says which it is.</summary>
    public string Hex { get; }

    /// <summary>Reads a hash; null where the text is none.</summary>
    public static ContentHash? Parse(string? hex) =>
        hex is { Length: Sha256Length or Sha1Length } && hex.All(char.IsAsciiHexDigit) ? new ContentHash(hex.ToLowerInvariant()) : null;

    /// <summary>Hashes a file's content.</summary>
    /// <param name="path">The file.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>As <see cref="Hex"/>, which it is where the file is the right one.</returns>
    public string OfFile(string path, CancellationToken cancellationToken)
    {
        long length = new FileInfo(path).Length;
        using IncrementalHash hash = Begin(length);
        // A file without a length is not opened: it may be a pipe.
        if (length == 0)
            return Convert.ToHexStringLower(hash.GetHashAndReset());
        using FileStream stream = RegularFile.Open(path, bufferByteSize: 0);
        byte[] buffer = new byte[BufferByteSize];
        for (int count; (count = stream.Read(buffer)) > 0;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            hash.AppendData(buffer, 0, count);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

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
