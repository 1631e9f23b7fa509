namespace Llama2.Training.Objectives;

/// <summary>How probable an answer is.</summary>
/// <param name="LogProbability">The sum of the log-probabilities of its tokens.</param>
/// <param name="Reference">The same sum in the reference model; 0 if it was not computed.</param>
/// <param name="TokenCount">The number of its tokens, 1 or more.</param>
internal readonly record struct AnswerScore(double LogProbability, double Reference, int TokenCount)
{
    /// <summary>The gain in log-probability since the beginning of training.</summary>
    public double Gain => LogProbability - Reference;

    /// <summary>The mean log-probability of a token.</summary>
    public double Mean => LogProbability / TokenCount;
}
