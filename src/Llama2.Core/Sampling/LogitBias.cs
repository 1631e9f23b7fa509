using System.Diagnostics;

namespace Llama2.Sampling;

/// <summary>Adds a number to the logit of each token that has a bias; negative infinity bans the token. Like <c>logit_bias</c> in OpenAI's API.</summary>
internal sealed class LogitBias(IReadOnlyDictionary<int, float> biases) : ILogitProcessor
{
    private readonly KeyValuePair<int, float>[] _biases = [.. biases];

    /// <summary>Whether any token is banned.</summary>
    public bool Bans { get; } = biases.Values.Any(float.IsNegativeInfinity);

    public void Process(TokenCandidates candidates, ReadOnlySpan<int> history)
    {
        Debug.Assert(candidates.IsWhole);
        Span<float> logits = candidates.Logits;
        foreach ((int tokenId, float bias) in _biases)
        {
            // A finite bias stays finite: an overflow must not ban a token or make its logit infinite.
            logits[tokenId] = float.IsNegativeInfinity(bias) ? bias : Math.Clamp(logits[tokenId] + bias, float.MinValue, float.MaxValue);
        }
    }
}
