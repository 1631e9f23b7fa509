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
                report.Warn(Invariant($"the loss rose from {Math.Min(trend.Start, trend.First):F4} to {trend.Last:F4}, and guessing has {guessing:F4}: training has diverged; lower --learning-rate, or search it with --find-rate"));
            }
        }

        if (result.BestStep is { } best)
        {
            string end = result.HasStoppedEarly ? Invariant($"; stopped at {result.StepCount:N0}, because it no longer fell") : "";
            summary.Add(Invariant($"{before} → {result.BestLoss:F4}, of step {best:N0}{end}"));
            if (best == result.StepCount && report.Steps is [.., { ValidationMetrics.ExactMatch: 0 }])
            {
                report.Note("no answer of the validation is right as a whole, and its loss still fell at the end: train with more --epochs, or with a higher --learning-rate, which --find-rate searches");
            }
        }

        return summary;
    }
}
