using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Llama2.Formats;

namespace Llama2.Store;

/// <summary>
/// The expected hash of a file's content. For large files, which the hub stores with Git LFS, it is the SHA-256. For other files it is Git's object
/// name: the SHA-1 of <c>blob SIZE</c>, a zero byte and the content, one after the other.
/// </summary>
internal sealed record ContentHash
{
    private const int Sha256Length = 64;
    private const int Sha1Length = 40;
    private const int BufferByteSize = 1 << 20;

    private ContentHash(string hex) => Hex = hex;

    /// <summary>The hash in lower case; its length determines the kind.</summary>
    public string Hex { get; }

    /// <summary>Parses a hash; returns null if the text is not a hash of either kind.</summary>
    public static ContentHash? Parse(string? hex) =>
        hex is { Length: Sha256Length or Sha1Length } && hex.All(char.IsAsciiHexDigit) ? new ContentHash(hex.ToLowerInvariant()) : null;

    /// <summary>Hashes a file's content.</summary>
    /// <param name="path">The file.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The file's hash in hexadecimal digits, of the same kind as the expected hash. It equals <see cref="Hex"/> if the file has the expected content.</returns>
    public string OfFile(string path, CancellationToken cancellationToken)
    {
        long length = new FileInfo(path).Length;
        using IncrementalHash hash = Begin(length);
        // A file of length 0 is not opened, because it may be a pipe.
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

    /// <summary>Begins to hash content of a given length in bytes.</summary>
    public IncrementalHash Begin(long byteSize)
    {
        if (Hex.Length == Sha256Length)
            return IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
#pragma warning disable CA5350 // Git identifies content by SHA-1; files that are not large have no other hash.
        var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA1);
#pragma warning restore CA5350
        hash.AppendData(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"blob {byteSize}\0")));
        return hash;
    }
}
