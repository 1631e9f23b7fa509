using System.Numerics.Tensors;
using Llama2.Kernels;
using Llama2.Model;
using Llama2.Sampling;

namespace Llama2.Speculation;

/// <summary>
/// A small model that guesses the next tokens of several texts at once (Leviathan et al. 2022, "Fast Inference from Transformers via Speculative
/// Decoding"). It guesses the likeliest token, and stops before a token that it is not sure of. Used by the computing thread only.
/// </summary>
internal sealed class DraftModel : IDisposable
{
    // A guess must be at least twice as likely as the second likeliest token.
    private const float LeastMargin = 0.69f;
    private readonly LlamaWeights _weights;
    private readonly LlamaTransformer _model;
    private readonly InferenceState _state;
    private readonly KeyValuePool _memory;
    private readonly LlamaRuntime _runtime;
    private readonly Batch _batch;
    private readonly PassCost _cost = new();
    private readonly List<(DraftText Text, int Count)> _shares = [];

    /// <summary>Takes ownership of <paramref name="weights"/>.</summary>
    /// <param name="configuration">The model's shape.</param>
    /// <param name="contextLength">The maximum number of tokens of a text.</param>
    /// <param name="weights">The model's weights.</param>
    /// <param name="attention">Computes attention.</param>
    /// <param name="runtime">The threads, which are those of the model that it guesses for.</param>
    /// <param name="capacity">The maximum number of tokens of a pass.</param>
    /// <param name="cacheByteSize">The maximum size of all keys and values, in bytes.</param>
    public DraftModel(
        ModelConfiguration configuration, int contextLength, LlamaWeights weights, Attention attention, LlamaRuntime runtime, PassCapacity capacity, long cacheByteSize)
    {
        _weights = weights;
        ContextLength = contextLength;
        _runtime = runtime;
        _state = new InferenceState(configuration, capacity.TokenCount, capacity.LogitsCount, runtime.ThreadCount);
        _memory = new KeyValuePool(configuration, attention, cacheByteSize);
        _batch = new Batch(capacity.TokenCount);
        _model = new LlamaTransformer(configuration, weights, attention, runtime.Workers);
    }

    /// <summary>The maximum number of tokens of a text.</summary>
    public int ContextLength { get; }

    /// <summary>The time that a guess takes if a number of texts is guessed at once, in seconds; 0 if it has not been measured.</summary>
    public double SecondsPerGuess(int textCount) => _cost.IsKnown ? _cost.SecondsFor(Math.Max(1, textCount)) / Math.Max(1, textCount) : 0;

    /// <summary>Prepares a text for guesses; see <see cref="DraftText.Follow"/>.</summary>
    /// <exception cref="LlamaMemoryException">There is no memory for the keys and values of the text.</exception>
    public void Follow(DraftText text, ReadOnlySpan<int> tokens)
    {
        if (!text.Follow(tokens, _memory))
        {
            throw _memory.Refused(tokens.Length, $"The draft model guesses for fewer texts at the same time; a shorter context takes less memory ({nameof(LlamaModelOptions)}.{nameof(LlamaModelOptions.ContextLength)}, --context).");
        }
    }

    /// <summary>
    /// Guesses for texts that follow their known tokens. In a text with many new tokens, such as a prompt, these are computed first, a batch in each
    /// call, and nothing is guessed until they are. The caller holds the runtime's turn.
    /// </summary>
    /// <param name="requests">The texts, each with the maximum number of its guesses. Emptied.</param>
    /// <param name="isCancelled">Whether to end early.</param>
    /// <exception cref="NumericalException">A logit is infinite or NaN, or computing overflows; the texts must not be used any more.</exception>
    /// <exception cref="LlamaMemoryException">The operating system refused memory; the texts must not be used any more.</exception>
    public void Guess(List<(DraftText Text, int Count)> requests, Func<bool> isCancelled)
    {
        if (_state.ThreadCount != _runtime.Workers.ThreadCount)
        {
            _state.SetThreadCount(_runtime.Workers.ThreadCount);
        }

        while (requests.Count > 0)
        {
            Fill(requests);
            long start = _runtime.TimeProvider.GetTimestamp();
            if (_batch.Count == 0 || !_model.Forward(_batch, _state, isCancelled))
            {
                break;
            }

            AddTime(_batch.Count, requests.Count, _runtime.TimeProvider.GetElapsedTime(start).TotalSeconds);
            Take(requests);
        }

        requests.Clear();
    }

    public void Dispose()
    {
        _memory.Dispose();
        _state.Dispose();
        _weights.Dispose();
    }

    // A pass for a guess computes the few tokens by which a text has grown. If the long pass of a prompt were counted as such a pass, and gave no guess because
    // the model was not sure, a guess would seem so expensive that the model would never be asked again.
    private void AddTime(int tokenCount, int textCount, double seconds)
    {
        if (tokenCount <= PassCost.TileTokenCount * textCount)
        {
            _cost.Add(tokenCount, seconds);
        }
        else
        {
            _cost.AddPrompt(tokenCount, seconds);
        }
    }

    private void Fill(List<(DraftText Text, int Count)> requests)
    {
        _batch.Clear();
        _shares.Clear();
        foreach ((DraftText text, int _) in requests)
        {
            // Without a free row of logits, nothing is computed for the text.
            _shares.Add((text, _batch.LogitsCount < _state.LogitsCapacity ? text.AddTo(_batch, _batch.Capacity) : 0));
        }
    }

    // Adds a guess to each text whose logits were computed, and removes the requests that need no further pass.
    private void Take(List<(DraftText Text, int Count)> requests)
    {
        int row = 0, keptCount = 0;
        for (int i = 0; i < _shares.Count; i++)
        {
            (DraftText text, int count) = _shares[i];
            text.Advance(count);
            if (count > 0 && text.PendingCount == 0 && TryGuess(_state.Logits[row++], out int token))
            {
                text.Append(token);
                if (text.GuessCount < requests[i].Count && text.HasRoom)
                {
                    requests[keptCount++] = requests[i];
                }
            }
        }

        requests.RemoveRange(keptCount, requests.Count - keptCount);
    }

    private static bool TryGuess(ReadOnlySpan<float> logits, out int token)
    {
        FiniteLogits.Require(logits);
        token = TensorPrimitives.IndexOfMax(logits);
        return logits[token] - Math.Max(Highest(logits[..token]), Highest(logits[(token + 1)..])) >= LeastMargin;
    }

    private static float Highest(ReadOnlySpan<float> logits) => logits.IsEmpty ? float.NegativeInfinity : TensorPrimitives.Max(logits);
}
