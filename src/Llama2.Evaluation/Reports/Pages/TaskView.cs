namespace Llama2.Evaluation.Reports.Pages;

/// <summary>A task's results with what charts show of them.</summary>
internal sealed class TaskView
{
    public TaskView(TaskReport report)
    {
        Report = report;
        Choices = [.. report.Examples.Select(example => (Result: example, Choice: ChoiceView.Of(example.Example, example.Responses)))
            .Where(pair => pair.Choice is not null && pair.Choice.Choices.All(choice => double.IsFinite(choice.LogLikelihood))).Select(pair => (pair.Result, pair.Choice!))];
        Margins = [.. Choices.Select(pair => pair.Choice.Margin).OfType<double>()];
        TruncatedCount = report.Examples.Sum(example => example.Responses.Count(response => response.IsTruncated));
    }

    public TaskReport Report { get; }

    public string Name => Report.Info.Alias ?? Report.Info.Name;

    /// <summary>The multiple-choice questions whose log-likelihoods are all finite.</summary>
    public IReadOnlyList<(ExampleResult Result, ChoiceView Choice)> Choices { get; }

    /// <summary>By how much the right choice is likelier than the likeliest wrong one.</summary>
    public IReadOnlyList<double> Margins { get; }

    /// <summary>The number of prompts whose beginning was cut off.</summary>
    public int TruncatedCount { get; }

    /// <summary>The metric of charts; null if there is none.</summary>
    public MetricResult? Primary => Report.Metrics.Count > 0 ? Report.Metrics[0] : null;

    /// <summary>The accuracy of guessing; null if not all examples are multiple-choice questions.</summary>
    public double? Chance => Choices.Count > 0 && Choices.Count == Report.Examples.Count && Primary?.Metric.Name.StartsWith("acc", StringComparison.Ordinal) == true
        ? Choices.Average(pair => 1.0 / pair.Choice.Choices.Count)
        : null;
}
