using Llama2.Sampling;

namespace Llama2.Tests.Sampling;

internal static class SamplerExtensions
{
    /// <summary>Chooses a token, with new buffers.</summary>
    public static int Sample(this Sampler sampler, ReadOnlySpan<float> logits, ReadOnlySpan<int> history, out float logProbability)
        => sampler.Sample(new TokenCandidates(logits.Length), logits, history, out logProbability);
}
