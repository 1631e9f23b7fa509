using Llama2.Model;
using Llama2.Sampling;
using Llama2.Tensors;

namespace Llama2.Generation;

/// <summary>
/// Computes log-probabilities of a sequence's tokens, starting with the token at a given index. Each is the log-probability of a token, given all
/// tokens before it.
/// </summary>
/// <param name="tokens">The tokens of the sequence, two or more.</param>
/// <param name="start">The index of the first token that is scored: at least 1, and less than the number of tokens.</param>
/// <param name="vocabularySize">The number of tokens in the vocabulary.</param>
/// <param name="prefixScope">The scope in which keys and values are shared; null is the model's own scope.</param>
/// <param name="adapters">The adapters of the sequence; null for none.</param>
internal sealed class LogProbabilitySequence(int[] tokens, int start, int vocabularySize, string? prefixScope, AdapterSet? adapters = null)
    : Sequence(tokens[..^1], tokens.Length - 1, adapters, new PrefixSharing(prefixScope))
{
    private readonly LogProbabilities _logProbabilities = new(vocabularySize, topCount: 0);
    private readonly float[] _scores = new float[tokens.Length - start];
    private readonly TaskCompletionSource<float[]> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The natural-log probability of each scored token; completed when all are computed.</summary>
    public Task<float[]> Scores => _completion.Task;

    public override bool IsReady => true;

    public override int ReusableCount => start - 1;

    public override void Fail(Exception exception) => _completion.TrySetException(exception);

    protected override bool WantsLogits(int position) => position >= start - 1;

    protected override void Accept(int position, ReadOnlySpan<float> logits, TokenCandidates candidates)
    {
        FiniteLogits.Require(logits);
        _logProbabilities.Load(logits, candidates);
        _scores[position + 1 - start] = _logProbabilities.Of(logits[tokens[position + 1]]);
        if (position == TokenCount - 1)
        {
            IsFinished = true;
            _completion.TrySetResult(_scores);
        }
    }
}
