namespace Llama2.Guard.Models;

/// <summary>Reads from the logits of one token how likely the words of a verdict are. Belongs to one generation.</summary>
/// <param name="words">The tokens.</param>
internal sealed class VerdictLogits(VerdictWords words) : ILogitProcessor
{
    /// <summary>Whether the model has computed the logits.</summary>
    public bool IsRead { get; private set; }

    /// <summary>The probability of <c>unsafe</c>, if the word is one of the two.</summary>
    public double Probability { get; private set; }

    /// <summary>The probability of both words among all tokens.</summary>
    public double Mass { get; private set; }

    public void Process(TokenCandidates candidates, ReadOnlySpan<int> history)
    {
        if (IsRead)
            return;
        ReadOnlySpan<float> logits = candidates.Logits;
        double maximum = candidates.MaxLogit, sum = 0;
        foreach (float logit in logits)
            sum += Math.Exp(logit - maximum);
        double safeLogit = logits[words.Safe], unsafeLogit = logits[words.Unsafe];
        Probability = 1 / (1 + Math.Exp(safeLogit - unsafeLogit));
        Mass = (Math.Exp(safeLogit - maximum) + Math.Exp(unsafeLogit - maximum)) / sum;
        IsRead = true;
    }
}
