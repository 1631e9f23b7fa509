namespace Llama2.Generation;

/// <summary>
/// Guesses the next tokens of a text, so that one pass computes several (speculative decoding, Leviathan et al. 2022). A wrong guess costs time and
/// changes nothing: the sampler chooses every token from the model's logits, with the same random numbers as without guesses. Each sequence has its
/// own source. The source may be called on any thread, but only by one thread at a time.
/// </summary>
internal interface IDraftSource
{
    /// <summary>Guesses the next tokens.</summary>
    /// <param name="tokens">The tokens of prompt and answer so far.</param>
    /// <param name="draft">Receives the guesses in order; each must be a token of the vocabulary.</param>
    /// <returns>The number of guesses, 0 to the length of <paramref name="draft"/>.</returns>
    int Draft(ReadOnlySpan<int> tokens, Span<int> draft);
}
