namespace Llama2.Evaluation.Tests.Scoring;

/// <summary>The values come from <c>tests/Reference/aggregations.py</c>, which computes them from their definitions with Python's standard library.</summary>
public sealed class MetricAggregationTests
{
    private static readonly MetricSample[] s_likelihoods = [new(-12.5, 4), new(-3.25, 2), new(-40, 11), new(-0.125, 1), new(-7, 3)];

    // Correct class and predicted class.
    private static readonly MetricSample[] s_classes = [new(1, 1), new(1, 0), new(0, 0), new(0, 1), new(1, 1), new(2, 2), new(2, 0), new(0, 0), new(1, 2)];

    public static TheoryData<string, double> Values => new()
    {
        { "mean", -12.575 },
        { "sum", -62.875 },
        { "median", -7 },
        { "perplexity", 289236.50823223864 },
        { "weighted_perplexity", 19.966335274550158 },
        { "bits_per_byte", 4.319497652185408 },
    };

    [Theory]
    [MemberData(nameof(Values))]
    public void Aggregate_LogLikelihoods_IsTheDefinitionsValue(string name, double expected)
        => Find(name).Aggregate(s_likelihoods).Value.Should().BeApproximately(expected, 1e-12 * Math.Abs(expected));

    [Fact]
    public void Aggregate_Classes_IsTheDefinitionsValue()
    {
        MetricAggregation.F1.Aggregate(s_classes).Value.Should().BeApproximately(0.5714285714285715, 1e-12);
        MetricAggregation.MatthewsCorrelation.Aggregate(s_classes).Value.Should().BeApproximately(0.3269230769230769, 1e-12);
    }

    [Fact]
    public void Aggregate_Mean_HasTheSampleDeviationOverRootN()
        => MetricAggregation.Mean.Aggregate(s_likelihoods).StandardError.Should().BeApproximately(7.159521632064533, 1e-12);

    [Fact]
    public void Aggregate_Bootstrap_AgreesWithTheKnownErrorOfAMean()
    {
        // The logarithm of a perplexity over many examples has nearly the error of the mean.
        var random = new Random(7);
        MetricSample[] samples = [.. Enumerable.Range(0, 2000).Select(_ => new MetricSample(-random.NextDouble()))];
        MetricValue perplexity = MetricAggregation.Perplexity.Aggregate(samples), mean = MetricAggregation.Mean.Aggregate(samples);

        // The delta method: the error of exp(-m) is exp(-m) times the error of m. 1,000 resamples have an error of 2 % of it; 5 deviations are allowed.
        perplexity.StandardError.Should().BeApproximately(perplexity.Value * mean.StandardError!.Value, 0.12 * perplexity.Value * mean.StandardError.Value);
        MetricAggregation.Perplexity.Aggregate(samples).Should().Be(perplexity, "the resamples have a fixed seed");
    }

    [Fact]
    public void Aggregate_FewSamples_HasNoStandardError()
    {
        foreach (MetricAggregation aggregation in MetricAggregation.All)
            aggregation.Aggregate([new MetricSample(1)]).StandardError.Should().BeNull(aggregation.Name);
        MetricAggregation.Mean.Aggregate([]).Value.Should().Be(double.NaN);
    }

    private static MetricAggregation Find(string name) => MetricAggregation.All.Single(aggregation => aggregation.Name == name);
}
