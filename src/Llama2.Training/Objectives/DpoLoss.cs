namespace Llama2.Training.Objectives;

/// <summary>Direct preference optimization (Rafailov et al. 2023, arXiv 2305.18290, equation 7), as TRL's loss type sigmoid.</summary>
internal sealed class DpoLoss(double beta) : IPairLoss
{
    public bool NeedsReference => true;

    public PairResult Compute(AnswerScore chosen, AnswerScore rejected, double meanTokenCount)
    {
        double margin = beta * (chosen.Gain - rejected.Gain), weight = beta * Logistic.Sigmoid(-margin);
        return new PairResult(Logistic.Softplus(-margin), weight, -weight, beta * chosen.Gain, beta * rejected.Gain);
    }
}
