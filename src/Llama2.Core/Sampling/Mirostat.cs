namespace Llama2.Sampling;

/// <summary>
/// Mirostat 2 (Basu et al. 2021, arXiv 2007.14966, algorithm 2 of its code): drops candidates of more surprise than a limit, and moves the
/// limit after each draw so that the surprise of the text stays near a target. Surprise is -log2 of the probability, that of a drawn token
/// among the candidates left, as llama.cpp has it. The likeliest candidate and its equals always stay.
/// </summary>
/// <param name="targetSurprise">Tau, in bits a token.</param>
/// <param name="learningRate">Eta: how far the limit moves for a bit of error.</param>
internal sealed class Mirostat(float targetSurprise, float learningRate) : ILogitProcessor
{
    // Mu; the paper starts it at twice tau.
    private double _limit = 2.0 * targetSurprise;

    public void Process(TokenCandidates candidates, ReadOnlySpan<int> history)
    {
        candidates.ComputeWeights(out double sum);
        float highest = candidates.MaxLogit;
        double least = highest + Math.Log(sum) - _limit * Math.Log(2);
        candidates.KeepAtLeast(Math.Min(highest, (float)least));
    }

    public void Accept(int token, double probability) => _limit -= learningRate * (-Math.Log2(probability) - targetSurprise);
}
