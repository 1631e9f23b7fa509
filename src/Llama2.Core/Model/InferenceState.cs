using Llama2.Kernels;
using Llama2.Tensors;

namespace Llama2.Model;

/// <summary>The memory between the steps of a forward pass, made once; a pass allocates nothing.</summary>
internal sealed class InferenceState : IDisposable
{
    private readonly int _headLength;

    /// <param name="configuration">The model's shape.</param>
    /// <param name="tokenCapacity">Most tokens in a batch.</param>
    /// <param name="logitsCapacity">Most tokens of a batch whose logits are wanted.</param>
    /// <param name="threadCount">Threads that work at once.</param>
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

    /// <summary>[hidden states, embedding]: after a pass, the final norm of the tokens whose hidden states are wanted. No layer needs the memory then.</summary>
    public Activations HiddenStates => Normalized;

    /// <summary>[tokens, heads × head]</summary>
    public Activations Query { get; }

    /// <summary>[tokens, key and value heads × head]</summary>
    public Activations Key { get; }

    /// <summary>[tokens, key and value heads × head]</summary>
    public Activations Value { get; }

    /// <summary>[tokens, heads × head]: what attention found.</summary>
    public Activations Attended { get; }

    /// <summary>[tokens, feed-forward]; after SwiGLU the hidden layer.</summary>
    public Activations Gate { get; }

    /// <summary>[tokens, feed-forward]</summary>
    public Activations Up { get; }

    /// <summary>[logits, embedding]: the tokens whose logits are wanted.</summary>
    public Activations Selected { get; }

    /// <summary>[logits, vocabulary]</summary>
    public Activations Logits { get; }

    /// <summary>[tokens, 2 × head]: the rotation of each token's position.</summary>
    public Activations Rotations { get; }

    /// <summary>The tokens that go through adapters.</summary>
    public AdaptedRows AdaptedTokens { get; }

    /// <summary>The rows of <see cref="Selected"/> that go through adapters.</summary>
    public AdaptedRows AdaptedLogits { get; }

    /// <summary>Threads that there is memory for.</summary>
    public int ThreadCount => AttentionScratch.Count;

    /// <summary>Each thread's memory for attention.</summary>
    public List<AttentionScratch> AttentionScratch { get; } = [];

    /// <summary>
    /// About the bytes that a state takes, arguments as for the constructor, with both forms of activations that kernels may ask for: float32
    /// tiles, of whole tiles of tokens, and bytes with scales, which are 4 and less than 2 bytes a number.
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

    /// <summary>About the bytes that a state takes for each thread: queries and sums of rows, keys and values of a block.</summary>
    public static long ByteSizePerThread(ModelConfiguration configuration)
        => sizeof(float) * 2L * (Attention.MaxRowCount + Attention.BlockLength) * Attention.PaddedLength(configuration.HeadLength);

    /// <summary>Says which rows go through the adapters of their sequences.</summary>
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

    /// <summary>Makes memory for more threads, or frees that of some, between two passes.</summary>
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
