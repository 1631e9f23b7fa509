using Llama2.Architectures;
using Llama2.Formats;
using Llama2.Quantization;
using Llama2.Tensors;
using Llama2.Threading;
using static System.FormattableString;

namespace Llama2.Model;

/// <summary>
/// Reads a file's tensors into the layouts that kernels read. Threads take panels of 16 rows each, so only a few rows of the file are in memory at a
/// time. No matrix is in memory both in the layout of the file and repacked.
/// </summary>
internal sealed class WeightLoader
{
    private readonly IModelFile _file;
    private readonly ModelConfiguration _configuration;
    private readonly LlamaRuntime _runtime;
    private readonly KernelTier _tier;
    private readonly IProgress<ByteProgress>? _progress;
    private readonly CancellationToken _cancellationToken;
    private readonly Stack<IDisposable> _made = new();
    private readonly long _totalBytes;
    private byte[][] _scratch = [];
    private long _loadedBytes;

    public WeightLoader(
        IModelFile file, ModelConfiguration configuration, LlamaRuntime runtime, KernelTier tier, IProgress<ByteProgress>? progress, CancellationToken cancellationToken)
    {
        _file = file;
        _configuration = configuration;
        _runtime = runtime;
        _tier = tier;
        _progress = progress;
        _cancellationToken = cancellationToken;
        _totalBytes = file.Tensors.Where(tensor => !LlamaTensors.IsRotaryFrequencies(NameSpace.Gguf, tensor.Name)).Sum(tensor => tensor.ByteSize);
    }

    /// <summary>
    /// Called with each matrix after it was filled. The returned matrix replaces the given one and takes ownership of it. If null, no matrix is replaced.
    /// </summary>
    public Func<string, WeightMatrix, WeightMatrix>? Observe { get; init; }

    /// <summary>Reads all weights.</summary>
    /// <exception cref="ModelFormatException">A tensor is missing, of a wrong shape, or of an unsupported type, or has a weight that is not finite.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled; all memory is freed.</exception>
    public LlamaWeights Load()
    {
        try
        {
            return LoadAll();
        }
        catch
        {
            while (_made.TryPop(out IDisposable? disposable))
            {
                disposable.Dispose();
            }

            throw;
        }
    }

    private LlamaWeights LoadAll()
    {
        new TensorShapes(_configuration).Require(_file);
        int width = _configuration.EmbeddingLength, vocabulary = _configuration.VocabularySize;
        EmbeddingTable embedding = LoadEmbedding();
        var layers = new LlamaLayer[_configuration.LayerCount];
        for (int layer = 0; layer < layers.Length; layer++)
        {
            layers[layer] = LoadLayer(layer);
        }

        bool isTied = !_file.TryGetTensor(LlamaTensors.Output.Name(), out _);
        return new LlamaWeights
        {
            TokenEmbedding = embedding,
            Layers = layers,
            OutputNorm = LoadVector(LlamaTensors.OutputNorm.Name(), width),
            Output = LoadMatrix(isTied ? LlamaTensors.TokenEmbedding.Name() : LlamaTensors.Output.Name(), vocabulary, width),
            IsOutputTied = isTied,
            RopeFrequencyFactors = LoadRopeFrequencyFactors(),
        };
    }

    private float[]? LoadRopeFrequencyFactors()
    {
        if (!_file.TryGetTensor(LlamaTensors.RopeFrequencyFactors.Name(), out TensorDescription? tensor))
        {
            return null;
        }

        float[] factors = LoadVector(tensor.Name, _configuration.HeadLength / 2);
        int bad = Array.FindIndex(factors, factor => factor <= 0);
        return bad < 0
            ? factors
            : throw Fault(tensor, Invariant($"factor {bad:N0} of '{tensor.Name}'"), Invariant($"{factors[bad]}"), "frequencies are divided by it, so it must be above 0: the file is damaged");
    }

    private LlamaLayer LoadLayer(int layer)
    {
        ModelDimensions dimensions = _configuration.Dimensions;
        return new LlamaLayer(
            _configuration.Family.Tensors,
            role => LoadVector(role.Name(layer), (int)dimensions[role.Columns]),
            role => LoadMatrix(role.Name(layer), (int)dimensions[role.Rows], (int)dimensions[role.Columns]));
    }

    // Takes the runtime's turn for one tensor at a time, so that other models of the runtime can compute passes in between.
    private void Run<TWork>(TWork work, int itemCount, int minimumChunk = 1)
        where TWork : struct, IParallelWork
    {
        using LlamaRuntime.Turn turn = _runtime.WaitForTurn();
        int known = _scratch.Length;
        if (known < _runtime.Workers.ThreadCount)
        {
            Array.Resize(ref _scratch, _runtime.Workers.ThreadCount);
            _scratch.AsSpan(known).Fill([]);
        }

        _runtime.Workers.Run(work, itemCount, minimumChunk);
    }

    private EmbeddingTable LoadEmbedding()
    {
        TensorDescription tensor = Find(LlamaTensors.TokenEmbedding.Name());
        var table = new EmbeddingTable(tensor.Type, (int)tensor.RowCount, (int)tensor.RowLength);
        _made.Push(table);
        Run(new FillTable(this, tensor, table), (int)tensor.RowCount, WeightMatrix.PanelRowCount);
        // If the embeddings are also the output matrix, the table is read a second time, and the progress is reported during the second reading.
        Report(_file.TryGetTensor(LlamaTensors.Output.Name(), out _) ? tensor.ByteSize : 0);
        return table;
    }

    private WeightMatrix LoadMatrix(string name, int rowCount, int columnCount)
    {
        TensorDescription tensor = Find(name);
        WeightMatrix matrix = WeightMatrixFactory.Create(tensor.Type, rowCount, columnCount, _tier);
        _made.Push(matrix);
        Run(new FillMatrix(this, tensor, matrix), matrix.PanelCount);
        Report(tensor.ByteSize);
        return Observe?.Invoke(name, matrix) ?? matrix;
    }

    private float[] LoadVector(string name, int length)
    {
        TensorDescription tensor = Find(name);
        byte[] bytes = new byte[tensor.ByteSize];
        _file.Read(tensor, 0, bytes);
        float[] weights = new float[length];
        WeightFormats.Dequantize(tensor.Type, bytes, weights);
        int bad = Array.FindIndex(weights, weight => !float.IsFinite(weight));
        if (bad >= 0)
        {
            throw Fault(tensor, Invariant($"weight {bad:N0} of '{name}'"), weights[bad].ToString(), "weights must be finite: the file is damaged");
        }

        Report(tensor.ByteSize);
        return weights;
    }

    // Shapes and types were checked before the first tensor was loaded.
    private TensorDescription Find(string name)
        => _file.TryGetTensor(name, out TensorDescription? tensor) ? tensor : throw new InvalidOperationException($"Tensor '{name}' is not in the file any more.");

    private ModelFormatException Fault(TensorDescription tensor, string field, string value, string limit)
        => new(_file.Path, tensor.EntryOffset, field, value, limit);

    private void Report(long byteCount)
    {
        _loadedBytes += byteCount;
        _progress?.Report(new ByteProgress(_loadedBytes, _totalBytes));
    }

    private Span<byte> Read(TensorDescription tensor, int firstRow, int rowCount, int worker)
    {
        _cancellationToken.ThrowIfCancellationRequested();
        int byteCount = checked((int)(rowCount * tensor.RowByteSize));
        if (_scratch[worker].Length < byteCount)
        {
            _scratch[worker] = GC.AllocateUninitializedArray<byte>(byteCount);
        }

        Span<byte> rows = _scratch[worker].AsSpan(0, byteCount);
        _file.Read(tensor, firstRow * tensor.RowByteSize, rows);
        return rows;
    }

    private readonly record struct FillMatrix(WeightLoader Loader, TensorDescription Tensor, WeightMatrix Matrix) : IParallelWork
    {
        public void Run(int start, int end, int worker)
        {
            for (int panel = start; panel < end; panel++)
            {
                int row = panel * WeightMatrix.PanelRowCount;
                int count = Math.Min(WeightMatrix.PanelRowCount, Matrix.RowCount - row);
                if (!Matrix.TryFill(panel, Loader.Read(Tensor, row, count, worker)))
                {
                    throw Loader.Fault(
                        Tensor, Invariant($"a weight of '{Tensor.Name}' in rows {row:N0} to {row + count - 1:N0}"), "infinite or NaN", "weights must be finite: the file is damaged");
                }
            }
        }
    }

    private readonly record struct FillTable(WeightLoader Loader, TensorDescription Tensor, EmbeddingTable Table) : IParallelWork
    {
        public void Run(int start, int end, int worker)
        {
            for (int row = start; row < end; row += WeightMatrix.PanelRowCount)
            {
                Loader._cancellationToken.ThrowIfCancellationRequested();
                int count = Math.Min(WeightMatrix.PanelRowCount, end - row);
                Loader._file.Read(Tensor, row * Tensor.RowByteSize, Table.Rows(row, count));
                for (int i = row; i < row + count; i++)
                {
                    if (!Table.IsFinite(i))
                    {
                        throw Loader.Fault(
                            Tensor, Invariant($"a weight of '{Tensor.Name}' in row {i:N0}"), "infinite or NaN", "weights must be finite: the file is damaged");
                    }
                }
            }
        }
    }
}
