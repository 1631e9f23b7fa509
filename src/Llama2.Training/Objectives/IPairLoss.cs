namespace Llama2.Training.Objectives;

/// <summary>The loss of a pair of answers, one of which is preferred.</summary>
internal interface IPairLoss
{
    /// <summary>Whether the loss uses the log-probabilities in the reference model.</summary>
    bool NeedsReference { get; }

    /// <summary>Computes the loss of a pair, its derivatives and the rewards.</summary>
    /// <param name="chosen">The chosen answer.</param>
    /// <param name="rejected">The rejected answer.</param>
    /// <param name="meanTokenCount">The mean number of tokens of the step's chosen answers.</param>
    PairResult Compute(AnswerScore chosen, AnswerScore rejected, double meanTokenCount);
}
