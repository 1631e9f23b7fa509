namespace Llama2.Generation;

/// <summary>
/// Guesses the next tokens of a text, so that one pass computes several (speculative decoding, Leviathan et al. 2022). A wrong guess costs time
/// and changes nothing: the sampler chooses every token from the model's logits, with the same random numbers as without guesses.
/// One for each sequence; called on any thread, once at a time.
/// </summary>
internal interface IDraftSource
{
    /// <summary>Guesses.</summary>
    /// <param name="tokens">The tokens of prompt and answer so far.</param>
    /// <param name="draft">Takes the guesses, each a token of the vocabulary, in their order.</param>
    /// <returns>How many there are, 0 to the length of <paramref name="draft"/>.</returns>
    int Draft(ReadOnlySpan<int> tokens, Span<int> draft);
}
