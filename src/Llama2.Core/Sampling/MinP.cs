namespace Llama2.Sampling;

/// <summary>
/// Keeps candidates that are at least p times as likely as the likeliest candidate, which always remains: Nguyen et al. 2024, "Turning up the heat:
/// min-p sampling" (arXiv 2407.01082) §3.
/// </summary>
internal sealed class MinP(float probability) : ILogitProcessor
{
    // The ratio of two probabilities corresponds to the difference of their logits.
    private readonly float _distance = MathF.Log(probability);

    public void Process(TokenCandidates candidates, ReadOnlySpan<int> history) => candidates.KeepAtLeast(candidates.MaxLogit + _distance);
}
