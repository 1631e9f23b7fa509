using System.IO.Compression;
using System.Security.Cryptography;

namespace Llama2.Server.Page;

/// <summary>A file of the page, and its compressed forms, which are made when they are first requested. Thread-safe.</summary>
internal sealed class PageFile
{
    private readonly Lazy<byte[]> _brotli, _gzip;

    /// <param name="contentType">The media type.</param>
    /// <param name="content">The file's bytes.</param>
    public PageFile(string contentType, byte[] content)
    {
        ContentType = contentType;
        Content = content;
        Digest = Convert.ToHexStringLower(SHA256.HashData(content))[..20];
        // The smallest size takes 20 times as long, which the first visitor would wait for.
        _brotli = new(() => Compress(stream => new BrotliStream(stream, CompressionLevel.Optimal)));
        _gzip = new(() => Compress(stream => new GZipStream(stream, CompressionLevel.Optimal)));
    }

    public string ContentType { get; }

    public byte[] Content { get; }

    /// <summary>Changes with the content; part of the entity tags.</summary>
    public string Digest { get; }

    /// <summary>The content in a coding of HTTP.</summary>
    /// <param name="coding"><c>br</c>, <c>gzip</c>, or null for none.</param>
    public byte[] In(string? coding) => coding switch
    {
        "br" => _brotli.Value,
        "gzip" => _gzip.Value,
        _ => Content,
    };

    private byte[] Compress(Func<Stream, Stream> compress)
    {
        using var compressed = new MemoryStream();
        using (Stream stream = compress(compressed))
            stream.Write(Content);
        return compressed.ToArray();
    }
}
