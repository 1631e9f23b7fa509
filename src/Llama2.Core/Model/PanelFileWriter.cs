using System.Security.Cryptography;
using Llama2.Formats;
using Llama2.Memory;
using Llama2.Tensors;
using Llama2.Threading;

namespace Llama2.Model;

/// <summary>
/// Writes the panel file of a model. One matrix at a time is read, repacked and written, so the process never has all weights in memory. The file appears
/// under its name when it is complete and flushed to the disk.
/// </summary>
internal sealed class PanelFileWriter
{
    private static readonly byte[] s_padding = new byte[WeightStorage.Alignment];
    private readonly PanelFileLayout _layout;
    private readonly WeightReader _reader;
    private readonly Stream _stream;
    private readonly CancellationToken _cancellationToken;
    private readonly byte[] _digests;
    private long _position;
    private int _chunkIndex;

    private PanelFileWriter(PanelFileLayout layout, WeightReader reader, Stream stream, CancellationToken cancellationToken)
    {
        _layout = layout;
        _reader = reader;
        _stream = stream;
        _cancellationToken = cancellationToken;
        _digests = new byte[layout.Chunks.Count * PanelFileLayout.DigestByteSize];
    }

    /// <summary>Writes a file, and replaces an existing file of that name.</summary>
    /// <exception cref="IOException">The disk is full or faulty, or the file cannot be created; nothing is left behind.</exception>
    /// <exception cref="UnauthorizedAccessException">The process is not permitted to write there.</exception>
    /// <exception cref="ModelFormatException">A weight of the model is not finite.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; nothing is left behind.</exception>
    public static void Write(string path, PanelFileLayout layout, WeightPlan plan, WeightReader reader, CancellationToken cancellationToken)
    {
        using var file = new AtomicFile(path, bufferByteSize: 0);
        DiskSpace.Require(file.Path, layout.FileByteSize);
        new PanelFileWriter(layout, reader, file.Stream, cancellationToken).Write(plan);
        file.Commit();
    }

    private void Write(WeightPlan plan)
    {
        Append(_layout.Header.Span);
        using (EmbeddingTable table = plan.CreateTable(WeightBytes.Allocate))
        {
            _reader.Fill(table, plan.Embedding, plan.IsOutputTied);
            AppendPart(table.Bytes);
        }

        foreach (PlannedMatrix planned in plan.Matrices)
        {
            using WeightMatrix matrix = plan.Create(planned, WeightBytes.Allocate);
            _reader.Fill(matrix, planned.Tensor);
            foreach (WeightBytes part in matrix.Parts)
            {
                AppendPart(part);
            }
        }

        Append(s_padding.AsSpan(0, WeightStorage.PaddingAfter(_position)));
        Append(_digests);
    }

    private void AppendPart(WeightBytes part)
    {
        Append(s_padding.AsSpan(0, WeightStorage.PaddingAfter(_position)));
        int count = (int)((part.ByteSize + PanelFileLayout.ChunkByteSize - 1) / PanelFileLayout.ChunkByteSize);
        _reader.Run(new HashChunks(part, _digests.AsMemory(_chunkIndex * PanelFileLayout.DigestByteSize)), count);
        for (int chunk = 0; chunk < count; chunk++)
        {
            _cancellationToken.ThrowIfCancellationRequested();
            Append(Chunk(part, chunk));
        }

        _chunkIndex += count;
    }

    private void Append(ReadOnlySpan<byte> bytes)
    {
        _stream.Write(bytes);
        _position += bytes.Length;
    }

    private static ReadOnlySpan<byte> Chunk(WeightBytes part, int index)
    {
        long start = (long)index * PanelFileLayout.ChunkByteSize;
        return part.Slice(start, (int)Math.Min(PanelFileLayout.ChunkByteSize, part.ByteSize - start));
    }

    private readonly record struct HashChunks(WeightBytes Part, Memory<byte> Digests) : IParallelWork
    {
        public void Run(int start, int end, int worker)
        {
            for (int chunk = start; chunk < end; chunk++)
            {
                SHA256.HashData(Chunk(Part, chunk), Digests.Span.Slice(chunk * PanelFileLayout.DigestByteSize, PanelFileLayout.DigestByteSize));
            }
        }
    }
}
