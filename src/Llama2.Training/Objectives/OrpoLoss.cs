namespace Llama2.Training.Objectives;

/// <summary>
/// Odds ratio preference optimization (Hong et al. 2024, arXiv 2403.07691, equations 3 to 7), as TRL's trainer computes it: the mean of −ln(probability) over
/// all tokens of a step's chosen answers, and the mean of the odds ratios' losses over its pairs. As in the paper, the tokens of prompts do not count; in TRL
/// they do.
/// </summary>
internal sealed class OrpoLoss(double beta) : IPairLoss
{
    // If all tokens of an answer have the probability 1 in float32, its odds are infinite. Odds above a million are therefore not distinguished.
    private const double MaxMean = -1e-6;

    public bool NeedsReference => false;

    public PairResult Compute(AnswerScore chosen, AnswerScore rejected, double meanTokenCount)
    {
        (double chosenOdds, double chosenSlope) = LogOdds(chosen);
        (double rejectedOdds, double rejectedSlope) = LogOdds(rejected);
        double margin = chosenOdds - rejectedOdds, weight = beta * Logistic.Sigmoid(-margin);
        return new PairResult(
            beta * Logistic.Softplus(-margin) - chosen.LogProbability / meanTokenCount,
            1 / meanTokenCount + weight * chosenSlope / chosen.TokenCount, -weight * rejectedSlope / rejected.TokenCount,
            beta * chosen.Mean, beta * rejected.Mean);
    }

    // ln(p / (1 − p)) and its derivative 1 / (1 − p) with respect to ln p.
    private static (double LogOdds, double Slope) LogOdds(AnswerScore answer)
    {
        double mean = Math.Min(answer.Mean, MaxMean), complement = 1 - Math.Exp(mean);
        return (mean - Math.Log(complement), 1 / complement);
    }
}
