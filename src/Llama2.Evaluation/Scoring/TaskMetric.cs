namespace Llama2.Evaluation;

/// <summary>A figure that a task measures. Immutable and thread-safe.</summary>
/// <param name="Name">The metric's name, such as <c>acc_norm</c>.</param>
/// <param name="Filter">The name of the filter that extracted the answers that were scored; <c>none</c> (the default) if there is none.</param>
public sealed record TaskMetric(string Name, string Filter = TaskMetric.NoFilter)
{
    /// <summary>The filter's name of metrics that score the model's answer as it is.</summary>
    public const string NoFilter = "none";

    /// <summary>How the examples' contributions become the metric's value; default the mean.</summary>
    public MetricAggregation Aggregation { get; init; } = MetricAggregation.Mean;

    /// <summary>Whether a greater value is better; default true.</summary>
    public bool HigherIsBetter { get; init; } = true;

    /// <summary>The key in lm-evaluation-harness' results: name, comma, filter, such as <c>acc,none</c>.</summary>
    public string Key => $"{Name},{Filter}";
}
