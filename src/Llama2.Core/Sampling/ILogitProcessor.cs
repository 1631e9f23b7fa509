namespace Llama2;

/// <summary>
/// A step on the way from the model's logits to a token: it changes logits, or drops candidates. There is one object for each generation, which may
/// have state; <see cref="GenerationOptions.LogitProcessors"/> says how it is made. Called by one thread at a time, not always the same one. What it
/// throws ends the generation, and no other.
/// </summary>
public interface ILogitProcessor
{
    /// <summary>Changes the candidates for the next token. At least one must be left that is not banned.</summary>
    /// <param name="candidates">Changed in place.</param>
    /// <param name="history">The tokens so far, of prompt and answer, oldest first.</param>
    void Process(TokenCandidates candidates, ReadOnlySpan<int> history);

    /// <summary>Takes note of the token that was chosen. Unless overridden it does nothing.</summary>
    /// <param name="token">The token.</param>
    /// <param name="probability">Its probability among the candidates that were left when it was drawn; 1 if it was not drawn, but the likeliest was taken.</param>
    void Accept(int token, double probability)
    {
    }
}
