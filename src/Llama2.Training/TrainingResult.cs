namespace Llama2.Training;

/// <summary>The result of training.</summary>
/// <param name="StepCount">The number of completed steps, including those that were completed before training was resumed.</param>
/// <param name="Losses">The loss of each step of this run.</param>
/// <param name="HasStoppedEarly">Whether <see cref="TrainingOptions.Patience"/> ended training early.</param>
/// <param name="BestStep">The step with the smallest validation loss; null without validation.</param>
/// <param name="BestLoss">The validation loss of <paramref name="BestStep"/>; null without validation.</param>
public sealed record TrainingResult(int StepCount, IReadOnlyList<double> Losses, bool HasStoppedEarly = false, int? BestStep = null, double? BestLoss = null);
