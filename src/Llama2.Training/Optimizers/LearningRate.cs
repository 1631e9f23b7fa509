namespace Llama2.Training.Optimizers;

/// <summary>
/// The learning rate of each step: it rises linearly during the warm-up, then follows its schedule. The schedule reaches its end one step after the
/// last step, as in Hugging Face's schedulers. If it ended at the last step, a final rate of 0 would make this step compute gradients without
/// changing the weights. Immutable.
/// </summary>
/// <param name="schedule">How the rate changes after the warm-up.</param>
/// <param name="peak">The rate at the end of the warm-up.</param>
/// <param name="warmupStepCount">The number of warm-up steps; with 0, the first step has the peak rate.</param>
/// <param name="stepCount">The number of all steps.</param>
/// <param name="finalFraction">The fraction of the peak that the schedule reaches at its end, one step after the last step.</param>
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
