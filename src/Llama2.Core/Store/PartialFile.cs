using System.Security.Cryptography;
using System.Text;
using Llama2.Formats;

namespace Llama2.Store;

/// <summary>
/// A file that is being received: beside its place, under another name, until all of it is there and has the right hash. It stays when the pull
/// ends early, even by the death of the process; what is there is hashed again when it is opened.
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
            throw new ModelStoreException($"'{PathOf(path)}' is a pipe or a device, not what an earlier pull left; delete it.");
        }
    }

    /// <summary>What the content must hash to.</summary>
    public ContentHash ExpectedHash { get; }

    /// <summary>Bytes received and hashed.</summary>
    public long Length { get; private set; }

    /// <summary>Whether as many bytes are there as there must be.</summary>
    public bool IsFull => Length == _file.ByteSize;

    /// <summary>The file under which the bytes of a target are until they are whole.</summary>
    public static string PathOf(string path) => path + Ending;

    /// <summary>Opens what an earlier pull left, or begins.</summary>
    /// <param name="path">The file's own place; its folder exists.</param>
    /// <param name="file">What it must become.</param>
    /// <param name="hash">What its content must hash to.</param>
    /// <param name="cancellationToken">Stops the hashing of what is there.</param>
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

    /// <summary>What named the content on the server that the bytes came from; null if it is not known.</summary>
    public string? ReadEntityTag() =>
        Length > 0 && new FileInfo(_path + EntityTagEnding) is { Exists: true, LinkTarget: null, Length: <= MaxEntityTagLength and > 0 } ? File.ReadAllText(_path + EntityTagEnding) : null;

    /// <summary>Keeps what names the content, for a later process too; before the first byte of that content.</summary>
    public void WriteEntityTag(string? entityTag)
    {
        // Deleted and created again: a link of that name is removed, and its target is not touched.
        File.Delete(_path + EntityTagEnding);
        if (entityTag is not { Length: <= MaxEntityTagLength })
            return;
        using var file = new TargetStream(new FileStream(_path + EntityTagEnding, FileMode.CreateNew, FileAccess.Write, FileShare.None), _path);
        file.Write(Encoding.UTF8.GetBytes(entityTag));
    }

    /// <summary>Adds bytes that have come.</summary>
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

    /// <summary>Throws away what has come.</summary>
    public void Restart()
    {
        _stream.SetLength(0);
        _stream.Position = 0;
        Length = 0;
        _hash.Dispose();
        _hash = ExpectedHash.Begin(_file.ByteSize);
    }

    /// <summary>The hash of what has come.</summary>
    public string HashHex() => Convert.ToHexStringLower(_hash.GetCurrentHash());

    /// <summary>Gives the file, which is full and has the right hash, its name.</summary>
    /// <exception cref="IOException">The disk is full or faulty.</exception>
    public void Commit()
    {
        DiskFlush.Content(_stream, _path);
        // On Windows an open file cannot be renamed.
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
