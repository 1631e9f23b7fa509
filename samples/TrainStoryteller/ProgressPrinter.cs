using Llama2.Training;

namespace TrainStoryteller;

/// <summary>Prints losses at intervals: the loss of the step, and the loss of validation texts.</summary>
/// <param name="output">The writer of the output.</param>
/// <param name="evaluate">Computes the validation loss.</param>
internal sealed class ProgressPrinter(TextWriter output, Func<double> evaluate) : IProgress<TrainingProgress>
{
    private const int Interval = 500;

    public void Report(TrainingProgress step)
    {
        if (step.Step % Interval == 0 || step.Step == step.StepCount)
        {
            output.WriteLine(
                $"  step {step.Step,6:N0} of {step.StepCount:N0}: loss {step.Loss:F3}, validation {evaluate():F4}, {step.TokensPerSecond:N0} tokens a second, {step.Remaining.TotalMinutes:F0} minutes left");
        }
    }
}
