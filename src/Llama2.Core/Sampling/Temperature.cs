namespace Llama2.Sampling;

/// <summary>
/// Divides the logits: below 1 the likely gain, above 1 the unlikely. Ackley, Hinton and Sejnowski 1985, "A learning algorithm for
/// Boltzmann machines" (Cognitive Science 9, 1). Logits become relative to the highest, so that no quotient overflows upward.
/// </summary>
internal sealed class Temperature(float temperature) : ILogitProcessor
{
    public void Process(TokenCandidates candidates, ReadOnlySpan<int> history) => Divide(candidates, temperature);

    /// <summary>Divides by a temperature above 0.</summary>
    public static void Divide(TokenCandidates candidates, float temperature)
    {
        float highest = candidates.MaxLogit;
        foreach (ref float logit in candidates.Logits)
            logit = (logit - highest) / temperature;
    }
}
