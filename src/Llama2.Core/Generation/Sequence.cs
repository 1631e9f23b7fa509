using Llama2.Model;

namespace Llama2.Generation;

/// <summary>
/// A sequence of tokens that the scheduler computes: some are known, and of these the first <see cref="ComputedCount"/> are in the cache.
/// What is done with the logits or hidden states is the derived class's matter. Only the scheduler's thread calls it, but for <see cref="Cancel"/>.
/// </summary>
internal abstract class Sequence(int[] tokens, int tokenCount, KeyValueCache cache) : IDisposable
{
    private volatile bool _isCancelled;
    private int _hiddenStateRow;

    /// <summary>The known tokens.</summary>
    public ReadOnlySpan<int> Tokens => tokens.AsSpan(0, TokenCount);

    /// <summary>How many tokens are known.</summary>
    public int TokenCount { get; private set; } = tokenCount;

    /// <summary>How many tokens are computed.</summary>
    public int ComputedCount { get; private set; }

    /// <summary>Tokens that are known and not computed.</summary>
    public int PendingCount => TokenCount - ComputedCount;

    /// <summary>Whether nothing is left to do.</summary>
    public bool IsFinished { get; protected set; }

    /// <summary>Whether the caller has lost interest.</summary>
    public bool IsCancelled => _isCancelled;

    /// <summary>Whether the sequence can take what a pass would give it.</summary>
    public abstract bool IsReady { get; }

    /// <summary>Adds the next tokens to a batch, as many as it has room for.</summary>
    /// <returns>How many; <see cref="Complete"/> follows when the batch is computed.</returns>
    public int AddTo(Batch batch, int logitsCapacity)
    {
        int count = 0;
        _hiddenStateRow = batch.HiddenStateCount;
        for (; count < PendingCount && batch.Count < batch.Capacity; count++)
        {
            int position = ComputedCount + count;
            bool wantsLogits = WantsLogits(position);
            if (wantsLogits && batch.LogitsCount == logitsCapacity)
            {
                break;
            }

            batch.Add(tokens[position], position, cache, wantsLogits, WantsHiddenState(position));
        }

        return count;
    }

    /// <summary>Takes note that the next tokens are computed, and takes what was wanted of them.</summary>
    /// <param name="count">What <see cref="AddTo"/> returned.</param>
    /// <param name="state">Holds the logits and hidden states.</param>
    /// <param name="logitsRow">The row of this sequence's first logits.</param>
    public void Complete(int count, InferenceState state, int logitsRow)
    {
        for (int i = 0; i < count; i++)
        {
            int position = ComputedCount++;
            if (WantsLogits(position))
            {
                Accept(position, state.Logits[logitsRow++]);
            }
            else if (WantsHiddenState(position))
            {
                Accept(position, state.HiddenStates[_hiddenStateRow++]);
            }
        }
    }

    /// <summary>Asks the scheduler to drop the sequence; from any thread.</summary>
    public void Cancel() => _isCancelled = true;

    /// <summary>Tells the caller that the sequence ended by a fault.</summary>
    public abstract void Fail(Exception exception);

    public void Dispose() => cache.Dispose();

    /// <summary>Whether the logits after the token at a position are wanted; the same answer every time.</summary>
    protected abstract bool WantsLogits(int position);

    /// <summary>Whether the hidden state of the token at a position is wanted; the same answer every time, and false where the logits are.</summary>
    protected virtual bool WantsHiddenState(int position) => false;

    /// <summary>Takes the logits after the token at a position, or its hidden state, whichever is wanted.</summary>
    protected abstract void Accept(int position, ReadOnlySpan<float> output);

    /// <summary>Makes one more token known; there must be room for it.</summary>
    protected void Append(int token) => tokens[TokenCount++] = token;
}
