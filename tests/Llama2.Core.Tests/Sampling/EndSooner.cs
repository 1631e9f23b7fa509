namespace Llama2.Tests.Sampling;

/// <summary>The example of docs/generation.md.</summary>
public sealed class EndSooner(int endToken, int tokenCount) : ILogitProcessor
{
    private int _count;

    public void Process(TokenCandidates candidates, ReadOnlySpan<int> history)
    {
        // From then on each token makes the end a little likelier.
        if (_count > tokenCount)
            candidates.Logits[endToken] += 0.5f * (_count - tokenCount);
    }

    public void Accept(int token, double probability) => _count++;
}
