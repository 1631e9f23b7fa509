using System.Globalization;
using Llama2.Formats;
using Llama2.Training;

namespace Llama2.Cli.Training;

/// <summary>Writes the training curve as comma-separated values, with one line for each step.</summary>
internal static class CurveTable
{
    /// <param name="path">The file to create or replace.</param>
    /// <param name="steps">All steps, including those that were completed before training was resumed.</param>
    /// <param name="reports">The progress reports of this run, which state the speed of each of its steps.</param>
    public static void Write(string path, IReadOnlyList<TrainingStep> steps, IReadOnlyList<TrainingProgress> reports)
    {
        using var file = new AtomicFile(path);
        using (var writer = new StreamWriter(file.Stream, leaveOpen: true))
        {
            writer.NewLine = "\n";
            bool hasRewards = steps.Any(step => step.Rewards is not null);
            writer.WriteLine($"step,loss,gradient_norm,learning_rate,tokens_per_second,validation_loss{(hasRewards ? ",reward_chosen,reward_rejected,reward_margin,reward_accuracy,kl" : "")}");
            int first = steps.Count - reports.Count;
            foreach (TrainingStep step in steps)
            {
                double? speed = step.Step > first ? reports[step.Step - 1 - first].TokensPerSecond : null;
                writer.WriteLine(string.Create(
                    CultureInfo.InvariantCulture, $"{step.Step},{step.Loss:R},{step.GradientNorm:R},{step.LearningRate:R},{speed:F1},{step.ValidationLoss:R}{(hasRewards ? Cells(step.Rewards) : "")}"));
            }
        }

        file.Commit();
    }

    private static string Cells(PreferenceRewards? rewards) =>
        string.Create(CultureInfo.InvariantCulture, $",{rewards?.Chosen:R},{rewards?.Rejected:R},{rewards?.Margin:R},{rewards?.Accuracy:R},{rewards?.Divergence:R}");
}
