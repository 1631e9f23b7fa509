namespace Llama2.Evaluation.Reports;

/// <summary>The aggregation of a metric that was read from a file, where only its name is known.</summary>
/// <param name="name">The name.</param>
internal sealed class RecordedAggregation(string name) : MetricAggregation(name)
{
    /// <summary>The aggregation with a name.</summary>
    public static MetricAggregation Of(string? name)
        => name is null ? Mean : All.FirstOrDefault(aggregation => aggregation.Name == name) ?? new RecordedAggregation(name.Length == 0 ? "unknown" : name);

    /// <summary>Whether each sample has a second number.</summary>
    public static bool NeedsWeights(string name) => name is "weighted_perplexity" or "bits_per_byte" or "f1" or "matthews_corrcoef";

    public override MetricValue Aggregate(IReadOnlyList<MetricSample> samples)
        => throw new NotSupportedException($"The aggregation '{Name}' was read from a file of results, and can only be shown.");
}
