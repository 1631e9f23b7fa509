namespace Llama2.Training.Objectives;

/// <summary>
/// Simple preference optimization (Meng et al. 2024, arXiv 2405.14734, equation 6), as TRL's CPO trainer with the loss type simpo and no loss of the
/// chosen answer.
/// </summary>
internal sealed class SimPoLoss(double beta, double marginRatio) : IPairLoss
{
    public bool NeedsReference => false;

    public PairResult Compute(AnswerScore chosen, AnswerScore rejected, double meanTokenCount)
    {
        double margin = beta * (chosen.Mean - rejected.Mean - marginRatio), weight = beta * Logistic.Sigmoid(-margin);
        return new PairResult(Logistic.Softplus(-margin), weight / chosen.TokenCount, -weight / rejected.TokenCount, beta * chosen.Mean, beta * rejected.Mean);
    }
}
