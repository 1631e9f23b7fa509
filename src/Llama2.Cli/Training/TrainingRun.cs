using Llama2.Training;
using static System.FormattableString;

namespace Llama2.Cli.Training;

/// <summary>Runs training with samples or pairs, with or without validation, and reports the results.</summary>
internal static class TrainingRun
{
    /// <summary>Trains, and reports the progress.</summary>
    /// <returns>The lines of the final report.</returns>
    public static List<string> Train(LlamaTrainer trainer, TrainingDataset data, TrainingDataset? validation, TrainingOptions options, TrainingReport report, TrainingMonitor monitor, CancellationToken cancellationToken)
    {
        string? before = validation is null ? null : Invariant($"validation loss {trainer.Evaluate(validation, cancellationToken: cancellationToken):F4}");
        TrainingResult result;
        try
        {
            if (trainer.StepCount == 0)
            {
                monitor.Answer(0);
            }

            result = trainer.Train(data, validation, monitor, cancellationToken);
        }
        finally
        {
            report.End();
        }

        List<string> summary = [];
        if (report.Steps is [.., var last])
        {
            var trend = LossTrend.Of(result.Losses);
            summary.Add(Invariant($"{trend}, {TrainingReport.Time(last.Elapsed)}, {last.TokensPerSecond:N0} tokens/s"));
            if (RewardSummary.Of([.. report.Steps.Select(step => step.Rewards).TakeLast(trend.Width)]) is { } rewards)
            {
                summary.Add(rewards);
            }

            double guessing = LossUnit.Guessing(data, options.Preference, trainer.Configuration.VocabularySize);
            if (trend.IsDivergence(guessing))
            {
                report.Warn(Invariant($"the loss rose from {trend.First:F4} to {trend.Last:F4}, above {guessing:F4}, the loss of guessing: training has diverged; lower --learning-rate"));
            }
        }

        if (result.BestStep is { } best)
        {
            string end = result.HasStoppedEarly ? Invariant($"; stopped at {result.StepCount:N0}, because it no longer fell") : "";
            summary.Add(Invariant($"{before} → {result.BestLoss:F4}, of step {best:N0}{end}"));
        }

        return summary;
    }
}
