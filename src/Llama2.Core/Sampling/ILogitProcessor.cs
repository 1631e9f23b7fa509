namespace Llama2;

/// <summary>
/// A step on the way from the model's logits to a token: it changes logits, or drops candidates. Each generation has its own object, which may have
/// state; a step of <see cref="GenerationOptions.LogitProcessors"/> creates this object. The object is called by one thread at a time, but not always by the
/// same thread. An exception that a processor throws ends only the generation to which the processor belongs.
/// </summary>
public interface ILogitProcessor
{
    /// <summary>Changes the candidates for the next token. At least one candidate that is not banned must remain.</summary>
    /// <param name="candidates">The candidates, which are changed in place.</param>
    /// <param name="history">The tokens of the prompt and of the answer so far, oldest first.</param>
    void Process(TokenCandidates candidates, ReadOnlySpan<int> history);

    /// <summary>Called with the token that was chosen. The default implementation does nothing.</summary>
    /// <param name="token">The token.</param>
    /// <param name="probability">
    /// The token's probability among the candidates from which it was drawn; 1 if the likeliest token was taken without a draw.
    /// </param>
    void Accept(int token, double probability)
    {
    }
}
