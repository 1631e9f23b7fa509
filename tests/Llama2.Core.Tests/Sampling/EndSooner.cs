namespace Llama2.Tests.Sampling;

/// <summary>The example of docs/generation.md.</summary>
public sealed class EndSooner(int endToken, int tokenCount) : ILogitProcessor
{
    private int _count;

    public void Process(TokenCandidates candidates, ReadOnlySpan<int> history)
    {
        // After this number of tokens, each further token makes the end a little more likely.
        if (_count > tokenCount)
            candidates.Logits[endToken] += 0.5f * (_count - tokenCount);
    }

    public void Accept(int token, double probability) => _count++;
}
