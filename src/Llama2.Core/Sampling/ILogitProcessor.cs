namespace Llama2.Sampling;

/// <summary>One step on the way from logits to a token: changes logits, or drops candidates but never the last.</summary>
internal interface ILogitProcessor
{
    /// <param name="candidates">Changed in place.</param>
    /// <param name="history">The tokens so far, of prompt and answer, oldest first.</param>
    void Process(Candidates candidates, ReadOnlySpan<int> history);
}
