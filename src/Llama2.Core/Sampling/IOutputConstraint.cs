namespace Llama2.Sampling;

/// <summary>
/// Determines which tokens may come next, whatever the model's logits. It is the first step of a sampler: a token that it does not allow is never
/// chosen, neither by greedy decoding nor by a draw. Each sequence has an object of its own, which is called by one thread at a time.
/// </summary>
internal interface IOutputConstraint
{
    /// <summary>
    /// The tokens that may come next. Token i is allowed if bit i mod 64 of number i / 64 is set; at least one bit is set. The returned mask is valid
    /// until this method is called again.
    /// </summary>
    ReadOnlySpan<ulong> ComputeMask();

    /// <summary>Called with the chosen token, which is always an allowed token.</summary>
    void Accept(int token);
}
