using Llama2.Training;

namespace Llama2.Cli.Training;

/// <summary>Receives the progress of training: shows it, logs it, and lets the model answer the sample prompts at each evaluation.</summary>
/// <param name="report">Shows the progress.</param>
/// <param name="logs">The logs.</param>
/// <param name="answers">The answers to the sample prompts, or null.</param>
/// <param name="evaluationInterval">The number of steps after which the prompts are answered if there is no validation.</param>
/// <param name="validates">Whether there is validation.</param>
/// <param name="cancellationToken">Ends the generation of answers.</param>
internal sealed class TrainingMonitor(
    TrainingReport report, TrainingLogs logs, SampleAnswers? answers, int evaluationInterval, bool validates, CancellationToken cancellationToken) : IProgress<TrainingProgress>
{
    public void Report(TrainingProgress value)
    {
        report.Report(value);
        logs.Report(value);
        if (validates ? value.ValidationLoss is not null : value.Step % evaluationInterval == 0 || value.Step == value.StepCount)
        {
            Answer(value.Step);
        }
    }

    /// <summary>Answers the sample prompts.</summary>
    /// <param name="step">The number of completed steps.</param>
    public void Answer(int step)
    {
        foreach ((string prompt, string answer) in answers?.Generate(cancellationToken) ?? [])
        {
            report.ShowAnswer(prompt, answer);
            logs.AddGeneration(step, prompt, answer);
        }
    }
}
