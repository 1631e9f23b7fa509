namespace Llama2.Tensors;

/// <summary>
/// The weights of an adapter, for the matrices of one model. Immutable, so any number of threads may compute with them. Their memory is freed when
/// the object is disposed and no generation uses it any more.
/// </summary>
/// <param name="model">The model for which the adapter was loaded.</param>
/// <param name="fingerprint">A digest of the file's weights.</param>
/// <param name="matrices">The change of each matrix that the adapter changes.</param>
/// <param name="norms">For each of the model's norms that the adapter replaces, the weights that take its place.</param>
/// <param name="tokenEmbedding">The change of the token embeddings, if there is one.</param>
internal sealed class AdapterWeights(
    object model, string fingerprint, IReadOnlyDictionary<WeightMatrix, MatrixChange> matrices, IReadOnlyDictionary<float[], float[]> norms, EmbeddingChange? tokenEmbedding)
    : IComparable<AdapterWeights>, IDisposable
{
    private static long s_count;
    private readonly long _number = Interlocked.Increment(ref s_count);
    private readonly Lock _gate = new();
    private int _useCount;
    private bool _isDisposed;

    public object Model => model;

    public string Fingerprint => fingerprint;

    public EmbeddingChange? TokenEmbedding => tokenEmbedding;

    /// <summary>For each of the model's norms that the adapter replaces, the weights that take its place.</summary>
    public IReadOnlyDictionary<float[], float[]> Norms => norms;

    /// <summary>The size of the weights in memory, in bytes.</summary>
    public long ByteSize => matrices.Values.Sum(matrix => matrix.ByteSize) + sizeof(float) * norms.Values.Sum(norm => (long)norm.Length) + (tokenEmbedding?.ByteSize ?? 0);

    /// <summary>The change of a matrix; null if the adapter does not change it.</summary>
    public MatrixChange? Find(WeightMatrix matrix) => matrices.GetValueOrDefault(matrix);

    /// <summary>The order in which changes are added. It depends on the content, so that it is the same in every process.</summary>
    public int CompareTo(AdapterWeights? other)
        => string.CompareOrdinal(fingerprint, other!.Fingerprint) is not 0 and int order ? order : _number.CompareTo(other._number);

    /// <summary>Keeps the memory until <see cref="Release"/>. Returns false if the object is disposed.</summary>
    public bool TryAcquire()
    {
        lock (_gate)
        {
            if (!_isDisposed)
            {
                _useCount++;
            }

            return !_isDisposed;
        }
    }

    public void Release()
    {
        lock (_gate)
        {
            _useCount--;
            FreeUnused();
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _isDisposed = true;
            FreeUnused();
        }
    }

    private void FreeUnused()
    {
        if (!_isDisposed || _useCount > 0)
        {
            return;
        }

        foreach (MatrixChange matrix in matrices.Values)
        {
            matrix.Dispose();
        }

        tokenEmbedding?.Dispose();
    }
}
