namespace Llama2.Evaluation.Reports;

/// <summary>Compares the values of one metric, example by example.</summary>
internal static class MetricPairs
{
    /// <summary>The values of the examples that contribute to the metric in both reports.</summary>
    public static (double First, double Second)[] Of(TaskReport first, TaskReport second, string key)
    {
        List<(double, double)> pairs = [];
        for (int i = 0; i < first.Examples.Count; i++)
        {
            if (first.Examples[i].Score.Samples.TryGetValue(key, out MetricSample left) && second.Examples[i].Score.Samples.TryGetValue(key, out MetricSample right))
                pairs.Add((left.Value, right.Value));
        }

        return [.. pairs];
    }

    public static MetricComparison Compare(MetricResult first, MetricResult second, (double First, double Second)[] pairs)
    {
        var comparison = new MetricComparison(first.Metric, first.Value, second.Value)
        {
            PairCount = pairs.Length,
            FirstGreaterCount = pairs.Count(pair => pair.First > pair.Second),
            SecondGreaterCount = pairs.Count(pair => pair.Second > pair.First),
        };
        if (first.Metric.Aggregation.Name != MetricAggregation.Mean.Name || second.Metric.Aggregation.Name != MetricAggregation.Mean.Name
            || pairs.Length < 2 || !pairs.All(pair => double.IsFinite(pair.First) && double.IsFinite(pair.Second)))
        {
            return comparison;
        }

        double error = StandardError(pairs, out double mean);
        bool isBinary = pairs.All(pair => pair is { First: 0 or 1, Second: 0 or 1 });
        return comparison with
        {
            ConfidenceRadius = PairedStatistics.StudentQuantile(pairs.Length - 1) * error,
            Significance = isBinary ? PairedStatistics.McNemar(comparison.FirstGreaterCount, comparison.SecondGreaterCount)
                : error == 0 ? mean == 0 ? 1 : 0
                : PairedStatistics.StudentTest(mean / error, pairs.Length - 1),
            Test = isBinary ? PairedTest.McNemar : PairedTest.Student,
        };
    }

    /// <summary>The standard error of the mean difference.</summary>
    public static double StandardError((double First, double Second)[] pairs, out double mean)
    {
        double sum = 0, squares = 0;
        foreach ((double first, double second) in pairs)
            sum += second - first;
        mean = sum / pairs.Length;
        foreach ((double first, double second) in pairs)
            squares += (second - first - mean) * (second - first - mean);
        return Math.Sqrt(squares / (pairs.Length - 1) / pairs.Length);
    }
}
