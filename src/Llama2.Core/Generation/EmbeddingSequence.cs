using System.Globalization;
using System.Numerics.Tensors;
using Llama2.Model;
using Llama2.Tensors;

namespace Llama2.Generation;

/// <summary>Pools the hidden states of a sequence of tokens into one vector.</summary>
internal sealed class EmbeddingSequence(int[] tokens, int embeddingLength, EmbeddingOptions options, AdapterSet? adapters = null)
    : Sequence(tokens, tokens.Length, adapters, new PrefixSharing(options.PrefixScope))
{
    // Hidden states are summed in double precision and in the order of their positions, so the sums have the same bits however the text is split into
    // batches.
    private readonly double[] _sums = new double[embeddingLength];
    private readonly TaskCompletionSource<float[]> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _sumCount;

    /// <summary>The result, [embedding]; completed when all tokens are computed.</summary>
    public Task<float[]> Embedding => _completion.Task;

    public override bool IsReady => true;

    /// <summary>The mean needs the hidden states of all tokens, so every token is computed and no keys and values are reused.</summary>
    public override int ReusableCount => options.Pooling == EmbeddingPooling.Mean ? 0 : TokenCount - 1;

    public override void Fail(Exception exception)
    {
        _completion.TrySetException(exception);
        // Nobody awaits this task if another text fails first, so the exception is read here, which marks it as observed.
        _ = _completion.Task.Exception;
    }

    protected override bool WantsLogits(int position) => false;

    protected override bool WantsHiddenState(int position) => options.Pooling == EmbeddingPooling.Mean || position == TokenCount - 1;

    protected override void Accept(int position, ReadOnlySpan<float> hiddenState, TokenCandidates candidates)
    {
        CheckFinite(position, hiddenState);
        for (int i = 0; i < _sums.Length; i++)
        {
            _sums[i] += hiddenState[i];
        }

        _sumCount++;
        if (position == TokenCount - 1)
        {
            IsFinished = true;
            _completion.TrySetResult(Pool());
        }
    }

    private static void CheckFinite(int position, ReadOnlySpan<float> hiddenState)
    {
        if (TensorPrimitives.IsFiniteAll(hiddenState))
        {
            return;
        }

        int element = 0;
        while (float.IsFinite(hiddenState[element]))
        {
            element++;
        }

        throw new NumericalException(
            string.Create(
                CultureInfo.InvariantCulture,
                $"Element {element:N0} of the hidden state at position {position:N0} is {hiddenState[element]}; all elements must be finite. The model's weights contain such a value, or computing with them overflows. ")
            + "Check the file against its publisher's checksum, or use another quantization of the model.",
            tokenId: null,
            hiddenState[element]);
    }

    private float[] Pool()
    {
        double divisor = options.Normalize ? TensorPrimitives.Norm<double>(_sums) : _sumCount;
        float[] embedding = new float[_sums.Length];
        if (divisor > 0)
        {
            for (int i = 0; i < embedding.Length; i++)
            {
                embedding[i] = (float)(_sums[i] / divisor);
            }
        }

        return embedding;
    }
}
