using Llama2.Threading;
using Llama2.Training.Tensors;

namespace Llama2.Training.Operations;

/// <summary>
/// Computes causal attention over packed samples, and the gradient of this attention. Several query heads may share a key and value head. Scores are
/// kept only for a block of queries of one head at a time. The backward pass computes the weights again from the logarithms of the sums of
/// exponentials (Dao et al. 2022, arXiv 2205.14135, algorithm 4). A work item is one key and value head of one sample. No two items write the same
/// number, and each sum has a fixed order, so results do not depend on the number of threads.
/// </summary>
internal sealed class CausalAttention : IDisposable
{
    private readonly int _headCount;
    private readonly int _keyValueHeadCount;
    private readonly WorkerPool _pool;
    private readonly AttentionHead[] _workers;

    /// <param name="multiplier">The kernels and threads.</param>
    /// <param name="headCount">The number of query heads.</param>
    /// <param name="keyValueHeadCount">The number of key and value heads, a divisor of <paramref name="headCount"/>.</param>
    /// <param name="headLength">The number of elements of a head.</param>
    /// <param name="tokenCapacity">The maximum number of tokens of a sample.</param>
    public CausalAttention(MatrixMultiplier multiplier, int headCount, int keyValueHeadCount, int headLength, int tokenCapacity)
    {
        _headCount = headCount;
        _keyValueHeadCount = keyValueHeadCount;
        _pool = multiplier.Pool;
        _workers = new AttentionHead[_pool.ThreadCount];
        for (int i = 0; i < _workers.Length; i++)
        {
            _workers[i] = new AttentionHead(multiplier.Product, headLength, tokenCapacity);
        }
    }

    /// <summary>Computes the output of attention for each token.</summary>
    /// <param name="query">[tokens, heads × head]</param>
    /// <param name="key">[tokens, key and value heads × head]</param>
    /// <param name="value">[tokens, key and value heads × head]</param>
    /// <param name="segments">The samples of the batch.</param>
    /// <param name="segmentCount">The number of samples.</param>
    /// <param name="attended">Receives [tokens, heads × head].</param>
    /// <param name="logSums">Receives [tokens, heads]: the logarithm of each row's sum of exponentials, which <see cref="Backward"/> reads.</param>
    public void Forward(Matrix query, Matrix key, Matrix value, Segment[] segments, int segmentCount, Matrix attended, Matrix logSums)
        => _pool.Run(new ForwardItems(this, new(query, key, value, attended, logSums), segments), segmentCount * _keyValueHeadCount);

    /// <summary>Writes the gradients of queries, keys and values. The arguments are the same as those of <see cref="Forward"/>.</summary>
    public void Backward(
        Matrix query, Matrix key, Matrix value, Segment[] segments, int segmentCount, Matrix attended, Matrix logSums,
        Matrix attendedGradient, Matrix queryGradient, Matrix keyGradient, Matrix valueGradient)
        => _pool.Run(
            new BackwardItems(this, new(query, key, value, attended, logSums), new(queryGradient, keyGradient, valueGradient, attendedGradient, logSums), segments),
            segmentCount * _keyValueHeadCount);

    public void Dispose() => Array.ForEach(_workers, worker => worker.Dispose());

    private int GroupSize => _headCount / _keyValueHeadCount;

    private readonly record struct ForwardItems(CausalAttention Attention, AttentionMatrices Matrices, Segment[] Segments) : IParallelWork
    {
        public void Run(int start, int end, int worker)
        {
            for (int item = start; item < end; item++)
            {
                (int segment, int head) = Math.DivRem(item, Attention._keyValueHeadCount);
                Attention._workers[worker].Forward(Matrices, Segments[segment], head, Attention.GroupSize);
            }
        }
    }

    private readonly record struct BackwardItems(CausalAttention Attention, AttentionMatrices Matrices, AttentionMatrices Gradients, Segment[] Segments) : IParallelWork
    {
        public void Run(int start, int end, int worker)
        {
            for (int item = start; item < end; item++)
            {
                (int segment, int head) = Math.DivRem(item, Attention._keyValueHeadCount);
                Attention._workers[worker].Backward(Matrices, Gradients, Segments[segment], head, Attention.GroupSize);
            }
        }
    }
}
