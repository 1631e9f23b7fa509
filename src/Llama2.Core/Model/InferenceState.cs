using Llama2.Kernels;
using Llama2.Tensors;

namespace Llama2.Model;

/// <summary>The buffers for intermediate results of a forward pass, allocated once, so that a pass allocates nothing.</summary>
internal sealed class InferenceState : IDisposable
{
    private readonly int _headLength;

    /// <param name="configuration">The model's shape.</param>
    /// <param name="tokenCapacity">The maximum number of tokens in a batch.</param>
    /// <param name="logitsCapacity">The maximum number of rows of logits that are computed for a batch.</param>
    /// <param name="threadCount">The number of threads that work at the same time.</param>
    public InferenceState(ModelConfiguration configuration, int tokenCapacity, int logitsCapacity, int threadCount)
    {
        TokenCapacity = tokenCapacity;
        LogitsCapacity = logitsCapacity;
        int width = configuration.EmbeddingLength, keyValue = configuration.KeyValueLength, hidden = configuration.FeedForwardLength;
        Residual = new(tokenCapacity, width);
        Normalized = new(tokenCapacity, width);
        Query = new(tokenCapacity, width);
        Key = new(tokenCapacity, keyValue);
        Value = new(tokenCapacity, keyValue);
        Attended = new(tokenCapacity, width);
        Gate = new(tokenCapacity, hidden);
        Up = new(tokenCapacity, hidden);
        Selected = new(logitsCapacity, width);
        Logits = new(logitsCapacity, configuration.VocabularySize);
        Rotations = new(tokenCapacity, 2 * configuration.HeadLength);
        AttentionPlan = new(tokenCapacity);
        AdaptedTokens = new(tokenCapacity);
        AdaptedLogits = new(logitsCapacity);
        _headLength = configuration.HeadLength;
        SetThreadCount(threadCount);
    }

    public int TokenCapacity { get; }

    public int LogitsCapacity { get; }

    /// <summary>[tokens, embedding]: the residual stream.</summary>
    public Activations Residual { get; }

    /// <summary>[tokens, embedding]: the residual stream after a norm.</summary>
    public Activations Normalized { get; }

    /// <summary>
    /// [hidden states, embedding]: after a pass, the results of the final norm for the tokens whose hidden states are needed. At that time, no layer needs this
    /// memory any more.
    /// </summary>
    public Activations HiddenStates => Normalized;

    /// <summary>[tokens, heads × head]: the queries.</summary>
    public Activations Query { get; }

    /// <summary>[tokens, key and value heads × head]: the keys.</summary>
    public Activations Key { get; }

    /// <summary>[tokens, key and value heads × head]: the values.</summary>
    public Activations Value { get; }

    /// <summary>[tokens, heads × head]: the output of attention.</summary>
    public Activations Attended { get; }

    /// <summary>[tokens, feed-forward]: the gate projection, which SwiGLU then replaces by the hidden layer.</summary>
    public Activations Gate { get; }

    /// <summary>[tokens, feed-forward]: the up projection.</summary>
    public Activations Up { get; }

    /// <summary>[logits, embedding]: the residual stream of the tokens whose logits are needed.</summary>
    public Activations Selected { get; }

    /// <summary>[logits, vocabulary]: the results of the output matrix.</summary>
    public Activations Logits { get; }

    /// <summary>[tokens, 2 × head]: the rotation of each token's position.</summary>
    public Activations Rotations { get; }

    /// <summary>How the threads divide the attention of the batch.</summary>
    public AttentionPlan AttentionPlan { get; }

    /// <summary>The tokens to which adapters apply.</summary>
    public AdaptedRows AdaptedTokens { get; }

    /// <summary>The rows of <see cref="Selected"/> to which adapters apply.</summary>
    public AdaptedRows AdaptedLogits { get; }

    /// <summary>The number of threads that there is memory for.</summary>
    public int ThreadCount => AttentionScratch.Count;

    /// <summary>Scratch memory for attention, for each thread.</summary>
    public List<AttentionScratch> AttentionScratch { get; } = [];

    /// <summary>
    /// The approximate size in bytes of a state that is created with the same arguments. It includes the forms of activations that kernels may need: float32
    /// numbers for whole tiles of tokens, which take 4 bytes per number, and 8-bit integers with scales, which take 4.5 bytes per number, but only for
    /// the inputs of products, which are less than half of all numbers.
    /// </summary>
    public static long ByteSizeFor(ModelConfiguration configuration, int tokenCapacity, int logitsCapacity, int threadCount)
    {
        long width = configuration.EmbeddingLength, keyValue = configuration.KeyValueLength, hidden = configuration.FeedForwardLength;
        long token = 4 * width + 2 * keyValue + 2 * hidden + 2 * configuration.HeadLength;
        long logits = width + configuration.VocabularySize;
        return (sizeof(float) + 2) * (tokenCapacity * token + logitsCapacity * logits) + sizeof(float) * (WholeTiles(tokenCapacity) * token + WholeTiles(logitsCapacity) * logits)
            + threadCount * ByteSizePerThread(configuration);

        static long WholeTiles(int tokens) => (tokens + ActivationTile.Width - 1) / ActivationTile.Width * (long)ActivationTile.Width;
    }

    /// <summary>
    /// The approximate number of bytes of memory that a state allocates for each thread: queries and sums of rows, and the keys and values of a
    /// block.
    /// </summary>
    public static long ByteSizePerThread(ModelConfiguration configuration)
        => sizeof(float) * 2L * (Attention.MaxRowCount + Attention.BlockLength) * Attention.PaddedLength(configuration.HeadLength);

    /// <summary>Determines to which tokens of the batch, and to which rows of their logits, the adapters of the tokens' sequences apply.</summary>
    public void SelectAdapters(Batch batch)
    {
        AdaptedTokens.Clear();
        for (int token = 0; token < batch.Count; token++)
        {
            AdaptedTokens.Add(token, batch.Entries[token].Cache.Adapters);
        }

        AdaptedLogits.Clear();
        ReadOnlySpan<int> logitsTokens = batch.LogitsTokens.Span;
        for (int row = 0; row < logitsTokens.Length; row++)
        {
            AdaptedLogits.Add(row, batch.Entries[logitsTokens[row]].Cache.Adapters);
        }
    }

    /// <summary>Allocates memory for additional threads, or frees the memory of removed threads. Called between two passes.</summary>
    public void SetThreadCount(int threadCount)
    {
        while (AttentionScratch.Count < threadCount)
        {
            AttentionScratch.Add(new(_headLength));
        }

        while (AttentionScratch.Count > threadCount)
        {
            AttentionScratch[^1].Dispose();
            AttentionScratch.RemoveAt(AttentionScratch.Count - 1);
        }
    }

    public void Dispose()
    {
        foreach (Activations activations in (Activations[])[Residual, Normalized, Query, Key, Value, Attended, Gate, Up, Selected, Logits, Rotations])
        {
            activations.Dispose();
        }

        AdaptedTokens.Dispose();
        AdaptedLogits.Dispose();
        SetThreadCount(0);
    }
}
