using System.Text.Json;
using Llama2.Evaluation.Reports;

namespace Llama2.Evaluation.Tests.Reports;

/// <summary>The values are those of tests/Reference/paired_tests.py: exact fractions, and numerical integrals.</summary>
public sealed class PairedStatisticsTests
{
    private static readonly JsonElement s_values = GoldenFile.Read("paired-tests.json");

    [Fact]
    public void McNemar_IsTheSumOfExactProbabilities()
    {
        foreach (JsonElement item in s_values.GetProperty("mcnemar").EnumerateArray())
        {
            double expected = item.GetProperty("p").GetDouble();
            // Each factor of the recurrence is rounded; there are up to 2,000 of them.
            PairedStatistics.McNemar(item.GetProperty("first").GetInt32(), item.GetProperty("second").GetInt32()).Should().BeApproximately(expected, 1e-11 * expected);
        }
    }

    [Fact]
    public void McNemar_MillionsOfPairs_HasTheSignificanceOfTheNormalDistribution()
        => PairedStatistics.McNemar(1_000_000, 1_002_000).Should().BeApproximately(0.1575, 0.0005, "z is 2,000 / √2,002,000 = 1.41");

    [Fact]
    public void StudentTest_IsTheIntegralOfTheTails()
    {
        foreach (JsonElement item in s_values.GetProperty("student").EnumerateArray())
        {
            PairedStatistics.StudentTest(item.GetProperty("t").GetDouble(), item.GetProperty("degrees").GetDouble())
                .Should().BeApproximately(item.GetProperty("p").GetDouble(), 1e-9);
        }
    }

    [Fact]
    public void StudentQuantile_LeavesFivePercent()
    {
        foreach (JsonElement item in s_values.GetProperty("quantile").EnumerateArray())
            PairedStatistics.StudentQuantile(item.GetProperty("degrees").GetDouble()).Should().BeApproximately(item.GetProperty("value").GetDouble(), 1e-7);
    }

    [Fact]
    public void Compare_MeansOfNumbers_HasStudentsTestOfTheDifferences()
    {
        foreach (JsonElement item in s_values.GetProperty("paired").EnumerateArray())
        {
            double[] first = [.. item.GetProperty("first").EnumerateArray().Select(value => value.GetDouble())];
            double[] second = [.. item.GetProperty("second").EnumerateArray().Select(value => value.GetDouble())];
            var metric = new TaskMetric("f1");

            MetricComparison comparison = MetricPairs.Compare(
                new MetricResult(metric, first.Average(), null, first.Length), new MetricResult(metric, second.Average(), null, second.Length), [.. first.Zip(second)]);

            comparison.Test.Should().Be(PairedTest.Student);
            comparison.Difference.Should().BeApproximately(item.GetProperty("difference").GetDouble(), 1e-12);
            comparison.ConfidenceRadius.Should().BeApproximately(item.GetProperty("radius").GetDouble(), 1e-7);
            comparison.Significance.Should().BeApproximately(item.GetProperty("p").GetDouble(), 1e-9);
        }
    }

    [Fact]
    public void DocumentHash_IsThatOfThePythonText()
    {
        foreach (JsonElement item in s_values.GetProperty("documents").EnumerateArray())
            DocumentHash.Of(item.GetProperty("document")).Should().Be(item.GetProperty("hash").GetString());
        foreach (JsonElement item in s_values.GetProperty("spellings").EnumerateArray())
            DocumentHash.Of(JsonElement.Parse(item.GetProperty("text").GetString()!)).Should().Be(item.GetProperty("hash").GetString());
    }
}
