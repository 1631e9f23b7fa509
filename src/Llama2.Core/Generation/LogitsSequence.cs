using Llama2.Model;
using Llama2.Tensors;

namespace Llama2.Generation;

/// <summary>
/// Computes the logits of every token of a given sequence. Because the logits of every token are needed, keys and values of other sequences are not
/// reused. The sequence does not share its own keys and values either.
/// </summary>
internal sealed class LogitsSequence(int[] tokens, int vocabularySize, AdapterSet? adapters = null)
    : Sequence(tokens, tokens.Length, adapters, PrefixSharing.None)
{
    private readonly float[] _logits = new float[checked((long)tokens.Length * vocabularySize)];
    private readonly TaskCompletionSource<float[]> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The result, [tokens, vocabulary]; completed when the logits of all tokens are computed.</summary>
    public Task<float[]> Logits => _completion.Task;

    public override bool IsReady => true;

    public override void Fail(Exception exception) => _completion.TrySetException(exception);

    protected override bool WantsLogits(int position) => true;

    protected override void Accept(int position, ReadOnlySpan<float> logits, TokenCandidates candidates)
    {
        logits.CopyTo(_logits.AsSpan(position * logits.Length));
        if (position == TokenCount - 1)
        {
            IsFinished = true;
            _completion.TrySetResult(_logits);
        }
    }
}
