namespace Llama2.Training.Checkpoints;

/// <summary>The results of validation up to the time when a checkpoint was written.</summary>
/// <param name="EvaluatedStep">The step after which the last evaluation was made; 0 if none was made.</param>
/// <param name="BestStep">The step with the smallest loss; 0 before the first evaluation.</param>
/// <param name="BestLoss">The smallest loss; null before the first evaluation.</param>
/// <param name="StaleCount">The number of evaluations since the evaluation with the smallest loss.</param>
internal sealed record ValidationRecord(int EvaluatedStep, int BestStep, double? BestLoss, int StaleCount);
