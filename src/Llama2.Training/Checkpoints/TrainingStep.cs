namespace Llama2.Training;

/// <summary>A point of the curve of training.</summary>
/// <param name="Step">The step, from 1.</param>
/// <param name="Loss">The step's loss.</param>
/// <param name="GradientNorm">The norm of all gradients before it was clipped.</param>
/// <param name="LearningRate">The step's learning rate.</param>
/// <param name="ValidationLoss">The loss of the validation samples after the step; null where they were not evaluated.</param>
public sealed record TrainingStep(int Step, double Loss, double GradientNorm, double LearningRate, double? ValidationLoss);
