using System.Diagnostics;

namespace Llama2.Sampling;

/// <summary>Makes tokens that occurred recently less likely.</summary>
/// <param name="repetition">The number by which positive logits are divided and all other logits are multiplied; 1 has no effect.</param>
/// <param name="frequency">The number that is subtracted from a token's logit for each occurrence; 0 has no effect.</param>
/// <param name="presence">The number that is subtracted once from a token's logit if the token occurred; 0 has no effect.</param>
/// <param name="window">How many of the most recent tokens are considered.</param>
internal sealed class RepetitionPenalty(float repetition, float frequency, float presence, int window) : ILogitProcessor
{
    // Repetition: Keskar et al. 2019, "CTRL" (arXiv 1909.05858) §4.1, but negative logits are multiplied instead of divided, as in all later engines.
    // Frequency and presence: OpenAI's API, logit -= count · frequency + (count > 0) · presence.
    public void Process(TokenCandidates candidates, ReadOnlySpan<int> history)
    {
        Debug.Assert(candidates.IsWhole);
        ReadOnlySpan<int> recent = history[Math.Max(0, history.Length - window)..];
        Span<int> counts = candidates.Counts;
        foreach (int tokenId in recent)
            counts[tokenId]++;

        Span<float> logits = candidates.Logits;
        foreach (int tokenId in recent)
        {
            int count = counts[tokenId];
            counts[tokenId] = 0;
            if (count > 0 && !float.IsNegativeInfinity(logits[tokenId]))
                logits[tokenId] = Math.Clamp(Penalize(logits[tokenId], count), float.MinValue, float.MaxValue);
        }
    }

    private float Penalize(float logit, int count) =>
        (logit > 0 ? logit / repetition : logit * repetition) - (count * frequency + presence);
}
