namespace Llama2.Training;

/// <summary>A point of the training curve.</summary>
/// <param name="Step">The step, from 1.</param>
/// <param name="Loss">The step's loss.</param>
/// <param name="GradientNorm">The norm of all gradients before clipping.</param>
/// <param name="LearningRate">The step's learning rate.</param>
/// <param name="ValidationLoss">The loss of the validation samples after the step; null if they were not evaluated.</param>
/// <param name="Rewards">The rewards of the step's answers; null when training from samples.</param>
public sealed record TrainingStep(int Step, double Loss, double GradientNorm, double LearningRate, double? ValidationLoss, PreferenceRewards? Rewards = null);
