namespace Llama2.Training.Logs;

/// <summary>The numbers of a report and their names in logs.</summary>
internal static class ProgressScalars
{
    /// <summary>The numbers of an evaluation; none if the step was not evaluated.</summary>
    public static IEnumerable<(string Name, double Value)> OfEvaluation(TrainingProgress progress)
    {
        if (progress.ValidationLoss is { } loss)
        {
            yield return ("loss", loss);
        }

        if (progress.ValidationMetrics is { } metrics)
        {
            yield return ("token_accuracy", metrics.TokenAccuracy);
            yield return ("exact_match", metrics.ExactMatch);
        }
    }

    /// <summary>The numbers of a step.</summary>
    public static IEnumerable<(string Name, double Value)> OfStep(TrainingProgress progress)
    {
        yield return ("loss", progress.Loss);
        yield return ("gradient_norm", progress.GradientNorm);
        yield return ("learning_rate", progress.LearningRate);
        yield return ("tokens_per_second", progress.TokensPerSecond);
        if (progress.Rewards is { } rewards)
        {
            foreach ((string name, double? value) in ((string, double?)[])
                [("reward_chosen", rewards.Chosen), ("reward_rejected", rewards.Rejected), ("reward_margin", rewards.Margin), ("reward_accuracy", rewards.Accuracy), ("divergence", rewards.Divergence)])
            {
                if (value is { } number)
                {
                    yield return (name, number);
                }
            }
        }
    }
}
