using System.Security.Cryptography;
using System.Text;
using Llama2.Formats;

namespace Llama2.Store;

/// <summary>
/// A file that is being received. It has a temporary name beside its target until it is complete and has the right hash. If the pull ends early, or
/// if the process is killed, the file is kept; its bytes are hashed again when it is next opened.
/// </summary>
internal sealed class PartialFile : IDisposable
{
    private const string Ending = ".partial";
    private const string EntityTagEnding = ".etag";
    private const int MaxEntityTagLength = 1024;
    private readonly string _path;
    private readonly HubFile _file;
    private readonly FileStream _stream;
    private IncrementalHash _hash;

    private PartialFile(string path, HubFile file, ContentHash hash)
    {
        _path = path;
        _file = file;
        ExpectedHash = hash;
        _hash = hash.Begin(file.ByteSize);
        _stream = new FileStream(PathOf(path), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0, useAsync: true);
        if (!_stream.CanSeek)
        {
            Dispose();
            throw new ModelStoreException($"'{PathOf(path)}' is a pipe or a device, not a file that an earlier pull left; delete it.");
        }
    }

    /// <summary>The expected hash of the content.</summary>
    public ContentHash ExpectedHash { get; }

    /// <summary>The number of bytes in this file; all of them are hashed.</summary>
    public long Length { get; private set; }

    /// <summary>Whether the file has its full length.</summary>
    public bool IsFull => Length == _file.ByteSize;

    /// <summary>The path of the temporary file of a target.</summary>
    public static string PathOf(string path) => path + Ending;

    /// <summary>Opens the file that an earlier pull left, or creates one.</summary>
    /// <param name="path">The target path; its folder must exist.</param>
    /// <param name="file">The file in the repository.</param>
    /// <param name="hash">The expected hash of its content.</param>
    /// <param name="cancellationToken">Stops hashing the existing bytes.</param>
    public static async Task<PartialFile> OpenAsync(string path, HubFile file, ContentHash hash, CancellationToken cancellationToken)
    {
        var partial = new PartialFile(path, file, hash);
        try
        {
            await partial.HashPrefixAsync(cancellationToken).ConfigureAwait(false);
            return partial;
        }
        catch
        {
            partial.Dispose();
            throw;
        }
    }

    /// <summary>The entity tag that the server stated for the content to which the bytes in this file belong; null if the tag is unknown.</summary>
    public string? ReadEntityTag() =>
        Length > 0 && new FileInfo(_path + EntityTagEnding) is { Exists: true, LinkTarget: null, Length: <= MaxEntityTagLength and > 0 } ? File.ReadAllText(_path + EntityTagEnding) : null;

    /// <summary>
    /// Stores the entity tag of the content on the disk, so that a later process can read it. Called before the first byte of that content is
    /// written.
    /// </summary>
    public void WriteEntityTag(string? entityTag)
    {
        // The file is deleted before it is created again: if it is a link, this removes the link and leaves the link's target unchanged.
        File.Delete(_path + EntityTagEnding);
        if (entityTag is not { Length: <= MaxEntityTagLength })
            return;
        using var file = new TargetStream(new FileStream(_path + EntityTagEnding, FileMode.CreateNew, FileAccess.Write, FileShare.None), _path);
        file.Write(Encoding.UTF8.GetBytes(entityTag));
    }

    /// <summary>Appends received bytes.</summary>
    public async ValueTask AppendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        try
        {
            await _stream.WriteAsync(bytes, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (DiskSpace.IsRefusal(exception))
        {
            throw WriteFailure.Of(_path, _stream.Name, exception);
        }

        _hash.AppendData(bytes.Span);
        Length += bytes.Length;
    }

    /// <summary>Discards the received bytes.</summary>
    public void Restart()
    {
        _stream.SetLength(0);
        _stream.Position = 0;
        Length = 0;
        _hash.Dispose();
        _hash = ExpectedHash.Begin(_file.ByteSize);
    }

    /// <summary>The hash of the bytes in this file.</summary>
    public string HashHex() => Convert.ToHexStringLower(_hash.GetCurrentHash());

    /// <summary>Gives the file its target name. The file must be complete and have the right hash.</summary>
    /// <exception cref="IOException">The disk is full or faulty.</exception>
    public void Commit()
    {
        DiskFlush.Content(_stream, _path);
        // This file cannot be renamed on Windows while it is open.
        if (OperatingSystem.IsWindows())
            _stream.Dispose();
        File.Move(PathOf(_path), _path, overwrite: true);
        if (!OperatingSystem.IsWindows())
            DiskFlush.FolderOf(_stream);
        _stream.Dispose();
        File.Delete(_path + EntityTagEnding);
    }

    public void Dispose()
    {
        _stream.Dispose();
        _hash.Dispose();
    }

    private async Task HashPrefixAsync(CancellationToken cancellationToken)
    {
        if (_stream.Length > _file.ByteSize)
            Restart();

        byte[] buffer = new byte[1 << 20];
        while (await _stream.ReadAsync(buffer, cancellationToken).ConfigureAwait(false) is > 0 and var count)
        {
            _hash.AppendData(buffer.AsSpan(0, count));
            Length += count;
        }
    }
}
