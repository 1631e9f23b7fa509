using Llama2.Evaluation.Scoring;

namespace Llama2.Evaluation;

/// <summary>
/// Turns the contributions of all examples into the value of a metric. The names and definitions are those of lm-evaluation-harness. Immutable and
/// thread-safe; derive from this class for an aggregation of your own.
/// </summary>
public abstract class MetricAggregation
{
    /// <summary>Initializes the aggregation.</summary>
    /// <param name="name">Its name in task files and results.</param>
    protected MetricAggregation(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        Name = name;
    }

    /// <summary>The mean; its standard error is the sample standard deviation, divided by the square root of the number of examples.</summary>
    public static MetricAggregation Mean { get; } = new MeanAggregation();

    /// <summary>The sum of the values, without a standard error.</summary>
    public static MetricAggregation Sum { get; } = new ResampledAggregation("sum", Statistic.Sum, hasError: false);

    /// <summary>The median, with a standard error by the bootstrap.</summary>
    public static MetricAggregation Median { get; } = new ResampledAggregation("median", Statistic.Median);

    /// <summary>e to the power of the negative mean of log-likelihoods, with a standard error by the bootstrap.</summary>
    public static MetricAggregation Perplexity { get; } = new ResampledAggregation("perplexity", Statistic.Perplexity);

    /// <summary>
    /// e to the power of the negative sum of log-likelihoods, divided by the sum of weights (words or bytes), with a standard error by the bootstrap.
    /// </summary>
    public static MetricAggregation WeightedPerplexity { get; } = new ResampledAggregation("weighted_perplexity", Statistic.WeightedPerplexity);

    /// <summary>The negative sum of log-likelihoods in bits, divided by the sum of weights (bytes), with a standard error by the bootstrap.</summary>
    public static MetricAggregation BitsPerByte { get; } = new ResampledAggregation("bits_per_byte", Statistic.BitsPerByte);

    /// <summary>The F1 score of class 1 in a classification with two classes, with a standard error by the bootstrap.</summary>
    public static MetricAggregation F1 { get; } = new ResampledAggregation("f1", Statistic.F1);

    /// <summary>Matthews' correlation coefficient of correct and predicted classes, with a standard error by the bootstrap.</summary>
    public static MetricAggregation MatthewsCorrelation { get; } = new ResampledAggregation("matthews_corrcoef", Statistic.MatthewsCorrelation);

    /// <summary>All aggregations that the harness' task files can name and this class provides.</summary>
    public static IReadOnlyList<MetricAggregation> All { get; } = [Mean, Sum, Median, Perplexity, WeightedPerplexity, BitsPerByte, F1, MatthewsCorrelation];

    /// <summary>The name in task files and results, such as <c>mean</c>.</summary>
    public string Name { get; }

    /// <summary>Computes the metric.</summary>
    /// <param name="samples">The contributions of the examples, in the examples' order.</param>
    /// <returns>The value, with its standard error. The same samples always give the same bits.</returns>
    public abstract MetricValue Aggregate(IReadOnlyList<MetricSample> samples);

    /// <summary>Returns <see cref="Name"/>.</summary>
    public override string ToString() => Name;
}
