using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Llama2.Formats;
using Llama2.Memory;
using Llama2.Training.Tensors;

namespace Llama2.Training.Checkpoints;

/// <summary>
/// Writes a checkpoint; the file gets its name only when it is complete. It consists of <c>"L2TRAIN1"</c>, the parts, and the SHA-256 digest of
/// everything before the digest. A part consists of an 8-byte length and of that number of bytes. The first part is the header in JSON. Names and
/// numbers follow in turn: a part with a name in UTF-8, then a part with the numbers that have this name.
/// </summary>
internal sealed class CheckpointWriter : ICheckpointExchange, IDisposable
{
    internal const int ChunkLength = 1 << 18;
    private readonly AtomicFile _file;
    private readonly IncrementalHash _digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    /// <exception cref="IOException">The file cannot be written to this path.</exception>
    public CheckpointWriter(string path, CheckpointHeader header)
    {
        _file = new AtomicFile(path);
        Write(Magic);
        WritePart(JsonSerializer.SerializeToUtf8Bytes(header, CheckpointJson.Default.CheckpointHeader));
    }

    internal static ReadOnlySpan<byte> Magic => "L2TRAIN1"u8;

    public void Exchange(string name, AlignedBuffer<float> numbers)
    {
        WriteName(name, numbers.Length * sizeof(float));
        for (long start = 0; start < numbers.Length; start += ChunkLength)
        {
            Write(numbers.Bytes(start, (int)Math.Min(ChunkLength, numbers.Length - start)));
        }
    }

    public void Exchange(string name, AlignedBuffer<byte> bytes)
    {
        WriteName(name, bytes.Length);
        for (long start = 0; start < bytes.Length; start += ChunkLength)
        {
            Write(bytes.Slice(start, (int)Math.Min(ChunkLength, bytes.Length - start)));
        }
    }

    public void Exchange(string name, Matrix matrix)
    {
        WriteName(name, matrix.Length * sizeof(float));
        for (int row = 0; row < matrix.RowCount; row++)
        {
            Write(matrix.RowBytes(row));
        }
    }

    /// <summary>Writes the digest, and renames the file to its target.</summary>
    public void Commit()
    {
        _file.Stream.Write(_digest.GetHashAndReset());
        _file.Commit();
    }

    public void Dispose()
    {
        _file.Dispose();
        _digest.Dispose();
    }

    private void WriteName(string name, long byteSize)
    {
        WritePart(Encoding.UTF8.GetBytes(name));
        WriteLength(byteSize);
    }

    private void WritePart(ReadOnlySpan<byte> bytes)
    {
        WriteLength(bytes.Length);
        Write(bytes);
    }

    private void WriteLength(long length)
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, length);
        Write(bytes);
    }

    private void Write(ReadOnlySpan<byte> bytes)
    {
        _digest.AppendData(bytes);
        _file.Stream.Write(bytes);
    }
}
