using Llama2.Generation;

namespace Llama2;

// The members that compute the log-probabilities of given tokens.
public sealed partial class LlamaModel
{
    /// <inheritdoc/>
    public async Task<float[]> ComputeLogProbabilitiesAsync(
        ReadOnlyMemory<int> tokens, int start = 1, ComputationOptions? options = null, CancellationToken cancellationToken = default)
    {
        LogProbabilitySequence sequence = await ComputeAsync(tokens, 0, start, options, cancellationToken).ConfigureAwait(false);
        return sequence.Scores;
    }

    /// <inheritdoc/>
    public async Task<ScoredToken[]> ComputeTopLogProbabilitiesAsync(
        ReadOnlyMemory<int> tokens, int topCount, int start = 1, ComputationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(topCount, 0);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(topCount, GenerationOptions.MaxTopLogProbabilityCount);
        LogProbabilitySequence sequence = await ComputeAsync(tokens, topCount, start, options, cancellationToken).ConfigureAwait(false);
        return sequence.ToScoredTokens();
    }

    private async Task<LogProbabilitySequence> ComputeAsync(
        ReadOnlyMemory<int> tokens, int topCount, int start, ComputationOptions? options, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        int[] copy = tokens.ToArray();
        CheckTokens(copy);
        if (copy.Length < 2)
        {
            throw new ArgumentException("There is one token, and nothing after it to score; give 2 or more.", nameof(tokens));
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(start, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(start, copy.Length);
        if (copy.Length - 1 > ContextLength)
        {
            throw new ContextLengthException(copy.Length - 1, ContextLength);
        }

        RequireRoomFor(copy.Length - 1);
        var sequence = new LogProbabilitySequence(copy, start, Configuration.VocabularySize, options?.PrefixScope, SelectAdapters(options?.Adapters ?? []), topCount);
        _scheduler.Start(sequence);
        using CancellationTokenRegistration registration = cancellationToken.UnsafeRegister(_ => _scheduler.Abort(sequence, cancellationToken), null);
        return await _scheduler.WaitAsync(sequence.Completion).ConfigureAwait(false);
    }
}
