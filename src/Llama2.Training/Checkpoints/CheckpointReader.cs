using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Llama2.Formats;
using Llama2.Memory;
using Llama2.Training.Tensors;
using static System.FormattableString;

namespace Llama2.Training.Checkpoints;

/// <summary>
/// Reads a file that <see cref="CheckpointWriter"/> has written. The digest is verified before any content is used. Before data is read, its length
/// is compared with the length that the model needs.
/// </summary>
internal sealed class CheckpointReader : ICheckpointExchange, IDisposable
{
    private const int MaxHeaderByteSize = 1 << 16;
    private const int DigestByteSize = 32;
    private readonly string _path;
    private readonly FileStream _stream;

    /// <exception cref="CheckpointException">The file is not a checkpoint, or is damaged.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public CheckpointReader(string path)
    {
        _path = path;
        if (!RegularFile.HasContent(path))
        {
            throw new CheckpointException(path, "is empty, a pipe or a device: it is not a checkpoint");
        }

        _stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16);
        try
        {
            CheckDigest();
            Header = ReadHeader();
        }
        catch
        {
            _stream.Dispose();
            throw;
        }
    }

    public CheckpointHeader Header { get; }

    /// <summary>The size of the file in bytes, which limits the size of its parts.</summary>
    public long ByteSize => _stream.Length;

    public void Exchange(string name, AlignedBuffer<float> numbers)
    {
        ReadName(name, numbers.Length * sizeof(float));
        for (long start = 0; start < numbers.Length; start += CheckpointWriter.ChunkLength)
        {
            Read(numbers.Bytes(start, (int)Math.Min(CheckpointWriter.ChunkLength, numbers.Length - start)));
        }
    }

    public void Exchange(string name, AlignedBuffer<byte> bytes)
    {
        ReadName(name, bytes.Length);
        for (long start = 0; start < bytes.Length; start += CheckpointWriter.ChunkLength)
        {
            Read(bytes.Slice(start, (int)Math.Min(CheckpointWriter.ChunkLength, bytes.Length - start)));
        }
    }

    public void Exchange(string name, Matrix matrix)
    {
        ReadName(name, matrix.Length * sizeof(float));
        for (int row = 0; row < matrix.RowCount; row++)
        {
            Read(matrix.RowBytes(row));
        }
    }

    public void Dispose() => _stream.Dispose();

    private void CheckDigest()
    {
        long length = _stream.Length - DigestByteSize;
        if (length < CheckpointWriter.Magic.Length)
        {
            throw new CheckpointException(_path, Invariant($"has {_stream.Length:N0} bytes, fewer than any checkpoint: the file is cut short, or is not a checkpoint"));
        }

        Span<byte> magic = stackalloc byte[CheckpointWriter.Magic.Length];
        _stream.ReadExactly(magic);
        if (!magic.SequenceEqual(CheckpointWriter.Magic))
        {
            throw new CheckpointException(_path, "does not begin with the signature of a checkpoint: the file is of another kind");
        }

        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        digest.AppendData(magic);
        byte[] chunk = new byte[CheckpointWriter.ChunkLength];
        for (long left = length - magic.Length; left > 0;)
        {
            int count = (int)Math.Min(chunk.Length, left);
            _stream.ReadExactly(chunk, 0, count);
            digest.AppendData(chunk, 0, count);
            left -= count;
        }

        Span<byte> expected = stackalloc byte[DigestByteSize];
        _stream.ReadExactly(expected);
        if (!expected.SequenceEqual(digest.GetHashAndReset()))
        {
            throw new CheckpointException(_path, "is damaged: its digest does not match its content. Use an earlier checkpoint");
        }

        _stream.Position = magic.Length;
    }

    private CheckpointHeader ReadHeader()
    {
        long length = ReadLength();
        if (length is < 0 or > MaxHeaderByteSize)
        {
            throw new CheckpointException(_path, Invariant($"has a header of {length:N0} bytes; at most {MaxHeaderByteSize:N0} are allowed"));
        }

        byte[] bytes = new byte[length];
        Read(bytes);
        try
        {
            return JsonSerializer.Deserialize(bytes, CheckpointJson.Default.CheckpointHeader) ?? throw new JsonException("the document is null");
        }
        catch (JsonException exception)
        {
            throw new CheckpointException(_path, $"has a malformed header ({JsonFault.Describe(exception, bytes)})");
        }
    }

    private void ReadName(string name, long byteSize)
    {
        byte[] expected = Encoding.UTF8.GetBytes(name);
        byte[] actual = new byte[expected.Length];
        bool isThere = ReadLength() == expected.Length;
        if (isThere)
        {
            Read(actual);
        }

        if (!isThere || !actual.AsSpan().SequenceEqual(expected) || ReadLength() != byteSize)
        {
            throw new CheckpointException(_path, Invariant($"does not contain '{name}' with {byteSize:N0} bytes at the expected place: it belongs to another model or other options"));
        }
    }

    private long ReadLength()
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        Read(bytes);
        return BinaryPrimitives.ReadInt64LittleEndian(bytes);
    }

    private void Read(Span<byte> bytes)
    {
        if (_stream.Length - DigestByteSize - _stream.Position < bytes.Length)
        {
            throw new CheckpointException(_path, "has fewer bytes than this model and these options need: it belongs to another model or other options");
        }

        _stream.ReadExactly(bytes);
    }
}
