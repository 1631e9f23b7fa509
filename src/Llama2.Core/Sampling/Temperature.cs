namespace Llama2.Sampling;

/// <summary>
/// Divides the logits by the temperature: a temperature below 1 favours likely tokens, and a temperature above 1 favours unlikely tokens. Ackley, Hinton
/// and Sejnowski 1985, "A learning algorithm for Boltzmann machines" (Cognitive Science 9, 1). The highest logit is subtracted first, so that no
/// quotient overflows to positive infinity.
/// </summary>
internal sealed class Temperature(float temperature) : ILogitProcessor
{
    public void Process(TokenCandidates candidates, ReadOnlySpan<int> history) => Divide(candidates, temperature);

    /// <summary>Divides the logits of the candidates by a temperature above 0.</summary>
    public static void Divide(TokenCandidates candidates, float temperature)
    {
        float highest = candidates.MaxLogit;
        foreach (ref float logit in candidates.Logits)
            logit = (logit - highest) / temperature;
    }
}
