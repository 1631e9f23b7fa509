using Llama2.Architectures;
using Llama2.Formats;
using Llama2.Memory;
using Llama2.Tensors;
using static System.FormattableString;

namespace Llama2.Model;

/// <summary>
/// Loads all weights of a model: reads and repacks them, or takes them from a panel file. No matrix is in memory both in the layout of the file and
/// repacked.
/// </summary>
internal sealed class WeightLoader
{
    private readonly IModelFile _file;
    private readonly ModelConfiguration _configuration;
    private readonly WeightPlan _plan;
    private readonly WeightReader _reader;
    private readonly Stack<IDisposable> _made = new();

    /// <exception cref="ModelFormatException">A tensor is missing, of a wrong shape, or of an unsupported type.</exception>
    public WeightLoader(
        IModelFile file, ModelConfiguration configuration, LlamaRuntime runtime, KernelTier tier, IProgress<ByteProgress>? progress, CancellationToken cancellationToken)
        : this(file, configuration, new WeightPlan(file, configuration, tier), new WeightReader(file, runtime, progress, cancellationToken))
    {
    }

    /// <param name="file">The model file.</param>
    /// <param name="configuration">The model's configuration.</param>
    /// <param name="plan">The order of the weights in memory.</param>
    /// <param name="reader">Reads the weights.</param>
    public WeightLoader(IModelFile file, ModelConfiguration configuration, WeightPlan plan, WeightReader reader)
    {
        _file = file;
        _configuration = configuration;
        _plan = plan;
        _reader = reader;
    }

    /// <summary>
    /// Called with each matrix after it was filled. The returned matrix replaces the given one and takes ownership of it. If null, no matrix is replaced.
    /// </summary>
    public Func<string, WeightMatrix, WeightMatrix>? Observe { get; init; }

    /// <summary>The embedding table and the matrices, already filled, in a mapped panel file. If null, the weights are read into memory.</summary>
    public WeightStorage? Panels { get; init; }

    /// <summary>Loads all weights. Takes ownership of <see cref="Panels"/>.</summary>
    /// <exception cref="ModelFormatException">A weight is not finite.</exception>
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
        WeightStorage? storage = Panels ?? AllocateStorage();
        if (storage is not null)
        {
            _made.Push(storage);
        }

        Func<long, WeightBytes> place = storage is null ? WeightBytes.Allocate : storage.Place;
        EmbeddingTable embedding = LoadEmbedding(place);
        var matrices = _plan.Matrices.ToDictionary(matrix => matrix.Name, matrix => LoadMatrix(matrix, place));
        return new LlamaWeights
        {
            TokenEmbedding = embedding,
            Layers = [.. Enumerable.Range(0, _configuration.LayerCount).Select(CreateLayer)],
            OutputNorm = LoadVector(LlamaTensors.OutputNorm.Name(), _configuration.EmbeddingLength),
            Output = matrices[LlamaTensors.Output.Name()],
            IsOutputTied = _plan.IsOutputTied,
            RopeFrequencyFactors = LoadRopeFrequencyFactors(),
            Storage = storage,
        };

        LlamaLayer CreateLayer(int layer) => new(
            _configuration.Family.Tensors,
            role => LoadVector(role.Name(layer), (int)_configuration.Dimensions[role.Columns]),
            role => matrices[role.Name(layer)]);
    }

    // A matrix that may be replaced has separate memory, which is freed when the matrix is replaced.
    private WeightStorage? AllocateStorage() => Observe is null ? WeightStorage.Allocate(WeightStorage.ByteSizeFor(_plan.PartByteSizes())) : null;

    private EmbeddingTable LoadEmbedding(Func<long, WeightBytes> place)
    {
        EmbeddingTable table = _plan.CreateTable(place);
        _made.Push(table);
        if (Panels is null)
        {
            _reader.Fill(table, _plan.Embedding, _plan.IsOutputTied);
        }
        else
        {
            _reader.Report(_plan.IsOutputTied ? 0 : _plan.Embedding.ByteSize);
        }

        return table;
    }

    private WeightMatrix LoadMatrix(PlannedMatrix planned, Func<long, WeightBytes> place)
    {
        WeightMatrix matrix = _plan.Create(planned, place);
        _made.Push(matrix);
        if (Panels is null)
        {
            _reader.Fill(matrix, planned.Tensor);
        }
        else
        {
            _reader.Report(planned.Tensor.ByteSize);
        }

        return Observe?.Invoke(planned.Tensor.Name, matrix) ?? matrix;
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
            : throw _reader.Fault(tensor, Invariant($"factor {bad:N0} of '{tensor.Name}'"), Invariant($"{factors[bad]}"), "frequencies are divided by it, so it must be above 0: the file is damaged");
    }

    // Shapes and types were checked by the plan.
    private float[] LoadVector(string name, int length)
        => _reader.ReadVector(_file.TryGetTensor(name, out TensorDescription? tensor) ? tensor : throw new InvalidOperationException($"Tensor '{name}' is not in the file any more."), length);
}
