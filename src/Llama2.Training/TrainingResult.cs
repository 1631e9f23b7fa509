namespace Llama2.Training;

/// <summary>What training came to.</summary>
/// <param name="StepCount">Steps done, those before a checkpoint included.</param>
/// <param name="Losses">The loss of each step of this run.</param>
/// <param name="HasStoppedEarly">Whether <see cref="TrainingOptions.Patience"/> ended it before its steps were done.</param>
/// <param name="BestStep">The step with the smallest validation loss; null where nothing was validated.</param>
/// <param name="BestLoss">That loss.</param>
public sealed record TrainingResult(int StepCount, IReadOnlyList<double> Losses, bool HasStoppedEarly = false, int? BestStep = null, double? BestLoss = null);
