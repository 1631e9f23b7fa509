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
/// <param name="topCount">The number of likeliest tokens to find at each position.</param>
internal sealed class LogProbabilitySequence(
    int[] tokens, int start, int vocabularySize, string? prefixScope, AdapterSet? adapters = null, int topCount = 0)
    : Sequence(tokens[..^1], tokens.Length - 1, adapters, new PrefixSharing(prefixScope))
{
    private readonly LogProbabilities _logProbabilities = new(vocabularySize, topCount);
    private readonly TokenLogProbability[][] _tops = new TokenLogProbability[topCount > 0 ? tokens.Length - start : 0][];
    private readonly TaskCompletionSource<LogProbabilitySequence> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The task that is completed when all log-probabilities are computed; its result is this sequence.</summary>
    public Task<LogProbabilitySequence> Completion => _completion.Task;

    /// <summary>The natural-log probability of each scored token.</summary>
    public float[] Scores { get; } = new float[tokens.Length - start];

    public override bool IsReady => true;

    public override int ReusableCount => start - 1;

    /// <summary>The scored tokens, each with the likeliest tokens at its position. Only for use after <see cref="Completion"/> is completed.</summary>
    public ScoredToken[] ToScoredTokens()
    {
        var scored = new ScoredToken[Scores.Length];
        for (int i = 0; i < scored.Length; i++)
            scored[i] = new ScoredToken(tokens[start + i], Scores[i], topCount > 0 ? _tops[i] : []);
        return scored;
    }

    public override void Fail(Exception exception) => _completion.TrySetException(exception);

    protected override bool WantsLogits(int position) => position >= start - 1;

    protected override void Accept(int position, ReadOnlySpan<float> logits, TokenCandidates candidates)
    {
        FiniteLogits.Require(logits);
        _logProbabilities.Load(logits, candidates);
        int index = position + 1 - start;
        Scores[index] = _logProbabilities.Of(logits[tokens[position + 1]]);
        if (topCount > 0)
            _tops[index] = _logProbabilities.Top();
        if (position == TokenCount - 1)
        {
            IsFinished = true;
            _completion.TrySetResult(this);
        }
    }
}
