namespace Llama2.Training;

/// <summary>What a step of training came to.</summary>
/// <param name="Step">Steps done, from 1.</param>
/// <param name="StepCount">All steps.</param>
/// <param name="Loss">The mean of −ln(probability) over the step's learned tokens; for preferences the mean loss of its pairs.</param>
/// <param name="GradientNorm">The norm of all gradients before it was clipped.</param>
/// <param name="LearningRate">The step's learning rate.</param>
/// <param name="TokensPerSecond">Tokens of samples a second since training began or went on.</param>
/// <param name="Elapsed">Time since training began or went on.</param>
/// <param name="Remaining">Time that the steps left will take at this speed.</param>
/// <param name="PreferenceAccuracy">The part of the step's pairs whose chosen answer gained on the rejected one; null where samples are learned.</param>
/// <param name="ValidationLoss">The loss of the validation samples after the step; null where they were not evaluated.</param>
/// <param name="IsBest">Whether <paramref name="ValidationLoss"/> is the smallest so far.</param>
/// <param name="HasCheckpoint">Whether the state after the step was written to <see cref="TrainingOptions.CheckpointPath"/>.</param>
public sealed record TrainingProgress(
    int Step, int StepCount, double Loss, double GradientNorm, double LearningRate, double TokensPerSecond, TimeSpan Elapsed, TimeSpan Remaining, double? PreferenceAccuracy,
    double? ValidationLoss = null, bool IsBest = false, bool HasCheckpoint = false);
