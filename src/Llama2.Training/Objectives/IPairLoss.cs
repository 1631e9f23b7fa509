namespace Llama2.Training.Objectives;

/// <summary>The loss of a pair of answers, one of which is preferred.</summary>
internal interface IPairLoss
{
    /// <summary>Whether the loss uses the log-probabilities in the reference model.</summary>
    bool NeedsReference { get; }

    /// <summary>Computes the loss of a pair, its derivatives and the rewards.</summary>
    PairResult Compute(AnswerScore chosen, AnswerScore rejected);
}
