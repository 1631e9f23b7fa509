namespace Llama2;

/// <summary>
/// Guesses the next tokens of a text, so that one pass of the model computes several tokens (speculative decoding, Leviathan et al. 2022, arXiv
/// 2211.17192). A wrong guess costs time and changes nothing: the sampler chooses every token from the model's logits, with the same random numbers
/// as without guesses. Each generation has its own object, which <see cref="DraftSource"/> creates.
/// </summary>
public interface IDrafter
{
    /// <summary>
    /// Guesses the next tokens. Called after each pass of the generation, on any thread, but only by one thread at a time. The pass waits for the
    /// call, so it should take microseconds. An exception ends the generation with this exception.
    /// </summary>
    /// <param name="tokens">
    /// The tokens of prompt and answer so far. Usually these are the tokens of the previous call and some more. If the context was full, tokens in the
    /// middle have been dropped since the previous call (<see cref="GenerationOptions.AttentionSinkCount"/>).
    /// </param>
    /// <param name="draft">Receives the guesses in order; each must be a token of the vocabulary.</param>
    /// <returns>The number of guesses, 0 to the length of <paramref name="draft"/>.</returns>
    int Draft(ReadOnlySpan<int> tokens, Span<int> draft);
}
