using Llama2.Model;

namespace Llama2.Tests.Generation;

/// <summary>
/// A compute backend without weights: after a token, the logit of the token with the next id is 1, and the logits of all other tokens are 0.
/// </summary>
/// <param name="endedEarlyCount">The number of passes that end early, before the other passes.</param>
internal sealed class SuccessorPass(int endedEarlyCount) : IForwardPass
{
    public int PassCount { get; private set; }

    public bool Forward(Batch batch, InferenceState state, Func<bool> isCancelled)
    {
        if (isCancelled() || PassCount++ < endedEarlyCount)
        {
            return false;
        }

        ReadOnlySpan<int> wanted = batch.LogitsTokens.Span;
        for (int row = 0; row < wanted.Length; row++)
        {
            Span<float> logits = state.Logits[row];
            logits.Clear();
            logits[(batch.Entries[wanted[row]].Token + 1) % logits.Length] = 1;
        }

        return true;
    }
}
