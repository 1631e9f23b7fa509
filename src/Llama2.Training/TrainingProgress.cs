namespace Llama2.Training;

/// <summary>The results of a training step.</summary>
/// <param name="Step">The number of completed steps, from 1.</param>
/// <param name="StepCount">The number of all steps.</param>
/// <param name="Loss">The mean of −ln(probability) over the tokens that the step learned; for preferences, the mean loss of the step's pairs or rated answers.</param>
/// <param name="GradientNorm">The norm of all gradients before clipping.</param>
/// <param name="LearningRate">The step's learning rate.</param>
/// <param name="TokensPerSecond">The number of sample tokens per second since training began or was resumed.</param>
/// <param name="Elapsed">The time since training began or was resumed.</param>
/// <param name="Remaining">
/// The estimated time until the last step has ended. Steps are estimated by the lengths of their samples; evaluations, checkpoints and the receiver of these
/// reports are assumed to take as long as they have taken so far.
/// </param>
/// <param name="Rewards">The rewards of the step's answers; null when training from samples.</param>
/// <param name="ValidationLoss">The loss of the validation samples after the step; null if they were not evaluated.</param>
/// <param name="IsBest">Whether <paramref name="ValidationLoss"/> is the smallest so far.</param>
/// <param name="HasCheckpoint">Whether the state after the step was written to <see cref="TrainingOptions.CheckpointPath"/>.</param>
public sealed record TrainingProgress(
    int Step, int StepCount, double Loss, double GradientNorm, double LearningRate, double TokensPerSecond, TimeSpan Elapsed, TimeSpan Remaining, PreferenceRewards? Rewards,
    double? ValidationLoss = null, bool IsBest = false, bool HasCheckpoint = false)
{
    /// <summary>How many of the validation samples' tokens and answers are right; null if they were not evaluated, and for preferences.</summary>
    public AnswerMetrics? ValidationMetrics { get; init; }
}
