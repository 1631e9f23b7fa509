namespace Llama2.Training.Optimizers;

/// <summary>
/// The learning rate of each step: it rises linearly during the warm-up, then follows its schedule. The schedule ends one step after the last step,
/// because a last step at a rate of 0 would compute gradients and change nothing. Hugging Face's schedulers do the same. Immutable.
/// </summary>
/// <param name="schedule">The change of the rate after the warm-up.</param>
/// <param name="peak">The rate at the end of the warm-up.</param>
/// <param name="warmupStepCount">The number of warm-up steps; 0 starts at the peak.</param>
/// <param name="stepCount">The number of all steps.</param>
/// <param name="finalFraction">The fraction of the peak at the end of the schedule, after the last step.</param>
internal sealed class LearningRate(LearningRateSchedule schedule, double peak, int warmupStepCount, int stepCount, double finalFraction)
{
    /// <param name="step">The index of the step; 0 for the first.</param>
    public double At(int step)
    {
        if (step < warmupStepCount)
        {
            return peak * (step + 1) / warmupStepCount;
        }

        double done = Math.Min(1, (double)(step - warmupStepCount) / Math.Max(1, stepCount - warmupStepCount));
        double left = schedule switch
        {
            LearningRateSchedule.Cosine => (1 + Math.Cos(Math.PI * done)) / 2,
            LearningRateSchedule.Linear => 1 - done,
            _ => 1,
        };
        return peak * (finalFraction + (1 - finalFraction) * left);
    }
}
