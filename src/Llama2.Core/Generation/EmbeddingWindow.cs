using Llama2.Tensors;

namespace Llama2.Generation;

/// <summary>Embeds any number of texts in order, a few at the same time: when one is finished, the next is started.</summary>
internal sealed class EmbeddingWindow(Scheduler scheduler, int embeddingLength, EmbeddingOptions options, AdapterSet? adapters = null)
{
    // No further text is started while the running texts have at least this many tokens. That is the size of two of the scheduler's batches: while
    // one batch is computed, texts are started for the next one. The last text that is started may have any length, so the caches that exist at the
    // same time take at most this many positions plus one context.
    private const int TokenCount = 512;

    // The maximum number of running texts. Each sequence's cache consists of whole blocks of positions, so 512 texts of one token each would need
    // many times the memory of one text of 512 tokens.
    private const int SequenceCount = 32;
    private readonly Queue<EmbeddingSequence> _running = new(SequenceCount);
    private int _runningTokenCount;

    /// <summary>Embeds token sequences. Called once.</summary>
    /// <param name="texts">The tokens of each text: at least 1, and at most the context length.</param>
    /// <param name="cancellationToken">Ends all sequences that were started.</param>
    /// <returns>[texts][embedding]</returns>
    public async Task<float[][]> RunAsync(int[][] texts, CancellationToken cancellationToken)
    {
        float[][] embeddings = new float[texts.Length][];
        try
        {
            for (int text = 0; text < texts.Length; text++)
            {
                Fill(texts.AsSpan(text + _running.Count));
                embeddings[text] = await scheduler.WaitAsync(_running.Peek().Embedding.WaitAsync(cancellationToken)).ConfigureAwait(false);
                _runningTokenCount -= _running.Dequeue().TokenCount;
            }

            return embeddings;
        }
        finally
        {
            // If one text fails, or the call is cancelled, the results of the other texts are no longer needed.
            foreach (EmbeddingSequence sequence in _running)
            {
                scheduler.Cancel(sequence);
            }
        }
    }

    private void Fill(ReadOnlySpan<int[]> texts)
    {
        foreach (int[] tokens in texts)
        {
            if (_running.Count == SequenceCount || _runningTokenCount >= TokenCount)
            {
                return;
            }

            var sequence = new EmbeddingSequence(tokens, embeddingLength, options, adapters);
            scheduler.Start(sequence);
            _running.Enqueue(sequence);
            _runningTokenCount += tokens.Length;
        }
    }
}
