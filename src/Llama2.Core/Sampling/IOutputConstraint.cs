namespace Llama2.Sampling;

/// <summary>
/// Says which tokens may come next, whatever the model prefers. It is the first step of the chain: a token that it does not allow is never chosen, greedy
/// or drawn. One for each sequence; called by one thread at a time.
/// </summary>
internal interface IOutputConstraint
{
    /// <summary>The tokens that may come next, at least one: bit i mod 64 of number i / 64 is token i's. Valid until the next call.</summary>
    ReadOnlySpan<ulong> ComputeMask();

    /// <summary>Takes note of the token that was chosen, one that was allowed.</summary>
    void Accept(int token);
}
