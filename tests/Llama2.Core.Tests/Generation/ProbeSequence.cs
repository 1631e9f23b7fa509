using Llama2.Generation;
using Llama2.Model;

namespace Llama2.Tests.Generation;

/// <summary>A sequence that appends its first token a number of times and records what the scheduler does with it.</summary>
/// <param name="prompt">The tokens of the prompt.</param>
/// <param name="acceptCount">The number of tokens whose logits the sequence accepts until it is finished, 1 or more.</param>
/// <param name="onAccept">Called with the logits of each token; calls of one sequence do not overlap.</param>
/// <param name="sharing">States with which other sequences this one shares keys and values; null means the model's own scope.</param>
internal sealed class ProbeSequence(int[] prompt, int acceptCount = 1, Action<float[]>? onAccept = null, PrefixSharing? sharing = null)
    : Sequence([.. prompt, .. new int[acceptCount]], prompt.Length, sharing: sharing)
{
    private static readonly Lock s_gate = new();
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task Completion => _completion.Task;

    public int AcceptedCount { get; private set; }

    public override bool IsReady => true;

    public override int ReusableCount => prompt.Length - 1;

    public override void Fail(Exception exception) => _completion.TrySetException(exception);

    protected override bool WantsLogits(int position) => position >= prompt.Length - 1;

    protected override void Accept(int position, ReadOnlySpan<float> output, TokenCandidates candidates)
    {
        AcceptedCount++;
        lock (s_gate)
        {
            onAccept?.Invoke(output.ToArray());
        }

        if (AcceptedCount < acceptCount)
        {
            Append(prompt[0]);
            return;
        }

        IsFinished = true;
        _completion.TrySetResult();
    }
}
