namespace Llama2.Training.Objectives;

/// <summary>The loss of a pair of answers.</summary>
/// <param name="Loss">The loss.</param>
/// <param name="ChosenWeight">Minus the derivative of the loss with respect to the log-probability of each token of the chosen answer.</param>
/// <param name="RejectedWeight">The same for the rejected answer.</param>
/// <param name="ChosenReward">The reward of the chosen answer.</param>
/// <param name="RejectedReward">The reward of the rejected answer.</param>
internal readonly record struct PairResult(double Loss, double ChosenWeight, double RejectedWeight, double ChosenReward, double RejectedReward);
