using Llama2.Architectures;
using Llama2.Formats;
using Llama2.Quantization;
using Llama2.Tensors;
using Llama2.Threading;
using static System.FormattableString;

namespace Llama2.Model;

/// <summary>
/// Reads a file's tensors into the layouts that kernels read, and checks that all weights are finite. Threads take panels of 16 rows each: they read
/// the rows into a buffer that stays in the processor's cache, and repack them from there. So only a few rows of the file are in memory at a time, and
/// reading, checking and repacking overlap on all threads.
/// </summary>
internal sealed class WeightReader(IModelFile file, LlamaRuntime runtime, IProgress<ByteProgress>? progress, CancellationToken cancellationToken)
{
    private readonly long _totalBytes = file.Tensors.Where(tensor => !LlamaTensors.IsRotaryFrequencies(NameSpace.Gguf, tensor.Name)).Sum(tensor => tensor.ByteSize);
    private byte[][] _scratch = [];
    private long _loadedBytes;

    /// <summary>Fills a matrix.</summary>
    /// <exception cref="ModelFormatException">A weight is not finite.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public void Fill(WeightMatrix matrix, TensorDescription tensor)
    {
        Run(new FillMatrix(this, tensor, matrix), matrix.PanelCount);
        Report(tensor.ByteSize);
    }

    /// <summary>Fills an embedding table.</summary>
    /// <inheritdoc cref="Fill(WeightMatrix, TensorDescription)" path="/exception"/>
    public void Fill(EmbeddingTable table, TensorDescription tensor, bool isOutputToo)
    {
        Run(new FillTable(this, tensor, table), (int)tensor.RowCount, WeightMatrix.PanelRowCount);
        // If the embeddings are also the output matrix, the table is read a second time, and the progress is reported during the second reading.
        Report(isOutputToo ? 0 : tensor.ByteSize);
    }

    /// <summary>Reads a vector and decodes it to floats.</summary>
    /// <exception cref="ModelFormatException">A weight is not finite.</exception>
    public float[] ReadVector(TensorDescription tensor, int length)
    {
        cancellationToken.ThrowIfCancellationRequested();
        byte[] bytes = new byte[tensor.ByteSize];
        file.Read(tensor, 0, bytes);
        float[] weights = new float[length];
        WeightFormats.Dequantize(tensor.Type, bytes, weights);
        int bad = Array.FindIndex(weights, weight => !float.IsFinite(weight));
        if (bad >= 0)
        {
            throw Fault(tensor, Invariant($"weight {bad:N0} of '{tensor.Name}'"), weights[bad].ToString(), "weights must be finite: the file is damaged");
        }

        Report(tensor.ByteSize);
        return weights;
    }

    /// <summary>Reads rows of a tensor into the buffer of a thread.</summary>
    /// <param name="tensor">The tensor.</param>
    /// <param name="firstRow">The first row.</param>
    /// <param name="rowCount">The number of rows.</param>
    /// <param name="worker">The index of the thread in a call of <see cref="Run"/>.</param>
    public Span<byte> ReadRows(TensorDescription tensor, int firstRow, int rowCount, int worker)
    {
        cancellationToken.ThrowIfCancellationRequested();
        int byteCount = checked((int)(rowCount * tensor.RowByteSize));
        if (_scratch[worker].Length < byteCount)
        {
            _scratch[worker] = GC.AllocateUninitializedArray<byte>(byteCount);
        }

        Span<byte> rows = _scratch[worker].AsSpan(0, byteCount);
        file.Read(tensor, firstRow * tensor.RowByteSize, rows);
        return rows;
    }

    /// <summary>
    /// Divides work among the runtime's threads. Takes the runtime's turn for one piece of work at a time, so that other models of the runtime can compute
    /// passes in between.
    /// </summary>
    public void Run<TWork>(TWork work, int itemCount, int minimumChunk = 1)
        where TWork : struct, IParallelWork
    {
        using LlamaRuntime.Turn turn = runtime.WaitForTurn();
        int known = _scratch.Length;
        if (known < runtime.Workers.ThreadCount)
        {
            Array.Resize(ref _scratch, runtime.Workers.ThreadCount);
            _scratch.AsSpan(known).Fill([]);
        }

        runtime.Workers.Run(work, itemCount, minimumChunk);
    }

    /// <summary>Reports that weights of a number of bytes in the file are ready.</summary>
    public void Report(long byteCount)
    {
        _loadedBytes += byteCount;
        progress?.Report(new ByteProgress(_loadedBytes, _totalBytes));
    }

    /// <summary>Creates the exception for a tensor with a wrong value.</summary>
    public ModelFormatException Fault(TensorDescription tensor, string field, string value, string limit) => new(file.Path, tensor.EntryOffset, field, value, limit);

    private readonly record struct FillMatrix(WeightReader Reader, TensorDescription Tensor, WeightMatrix Matrix) : IParallelWork
    {
        public void Run(int start, int end, int worker)
        {
            for (int panel = start; panel < end; panel++)
            {
                int row = panel * WeightMatrix.PanelRowCount;
                int count = Math.Min(WeightMatrix.PanelRowCount, Matrix.RowCount - row);
                if (!Matrix.TryFill(panel, Reader.ReadRows(Tensor, row, count, worker)))
                {
                    throw Reader.Fault(
                        Tensor, Invariant($"a weight of '{Tensor.Name}' in rows {row:N0} to {row + count - 1:N0}"), "infinite or NaN", "weights must be finite: the file is damaged");
                }
            }
        }
    }

    private readonly record struct FillTable(WeightReader Reader, TensorDescription Tensor, EmbeddingTable Table) : IParallelWork
    {
        public void Run(int start, int end, int worker)
        {
            for (int row = start; row < end; row += WeightMatrix.PanelRowCount)
            {
                int count = Math.Min(WeightMatrix.PanelRowCount, end - row);
                Reader.ReadRows(Tensor, row, count, worker).CopyTo(Table.Rows(row, count));
                for (int i = row; i < row + count; i++)
                {
                    if (!Table.IsFinite(i))
                    {
                        throw Reader.Fault(
                            Tensor, Invariant($"a weight of '{Tensor.Name}' in row {i:N0}"), "infinite or NaN", "weights must be finite: the file is damaged");
                    }
                }
            }
        }
    }
}
