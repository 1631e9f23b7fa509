namespace Llama2.Training.Checkpoints;

/// <summary>The results of validation when a checkpoint was written.</summary>
/// <param name="EvaluatedStep">The step after which the last evaluation was made; 0 before the first.</param>
/// <param name="BestStep">The step with the smallest loss; 0 before the first evaluation.</param>
/// <param name="BestLoss">The smallest loss; null before the first evaluation.</param>
/// <param name="StaleCount">The number of evaluations since the best one.</param>
internal sealed record ValidationRecord(int EvaluatedStep, int BestStep, double? BestLoss, int StaleCount);
