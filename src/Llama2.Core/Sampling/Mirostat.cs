namespace Llama2.Sampling;

/// <summary>
/// Mirostat 2 (Basu et al. 2021, arXiv 2007.14966, algorithm 2 of the authors' code): drops candidates whose surprise exceeds a limit, and moves the
/// limit after each draw so that the surprise of the text stays near a target. Surprise is −log2 of a probability. The surprise of a drawn token is
/// computed from its probability among the remaining candidates, as in llama.cpp. The candidates with the highest logit are always kept.
/// </summary>
/// <param name="targetSurprise">Tau, in bits per token.</param>
/// <param name="learningRate">Eta: by how many bits the limit changes after a token whose surprise misses the target by one bit.</param>
internal sealed class Mirostat(float targetSurprise, float learningRate) : ILogitProcessor
{
    // The paper's mu, which starts at twice tau.
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
