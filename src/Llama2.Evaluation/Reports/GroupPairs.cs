namespace Llama2.Evaluation.Reports;

/// <summary>Compares the metrics of a group of tasks.</summary>
internal static class GroupPairs
{
    public static IReadOnlyList<MetricComparison> Compare(GroupReport first, GroupReport second, IReadOnlyList<TaskComparison> tasks)
    {
        TaskComparison[] members = [.. tasks.Where(task => first.TaskNames.Contains(task.First.Info.Name))];
        List<MetricComparison> metrics = [];
        foreach (MetricResult metric in first.Metrics)
        {
            if (second.Metrics.FirstOrDefault(other => other.Metric.Key == metric.Metric.Key) is not { } other)
                continue;
            (double, double)[][] pairs = [.. members.Select(task => MetricPairs.Of(task.First, task.Second, metric.Metric.Key)).Where(list => list.Length > 0)];
            metrics.Add(first.Group.IsWeightedBySize ? MetricPairs.Compare(metric, other, [.. pairs.SelectMany(list => list)]) : CompareEqually(metric, other, pairs));
        }

        return metrics;
    }

    // The mean of the tasks' means. Its variance is the sum of theirs, divided by the squared number of tasks.
    private static MetricComparison CompareEqually(MetricResult first, MetricResult second, (double, double)[][] pairs)
    {
        MetricComparison pooled = MetricPairs.Compare(first, second, [.. pairs.SelectMany(list => list)]);
        if (pooled.Test == PairedTest.None || pairs.Any(list => list.Length < 2))
            return pooled with { ConfidenceRadius = null, Significance = null, Test = PairedTest.None };
        double variance = pairs.Sum(list => Math.Pow(MetricPairs.StandardError(list, out _), 2)) / ((double)pairs.Length * pairs.Length);
        double error = Math.Sqrt(variance), degrees = pairs.Sum(list => list.Length - 1);
        return pooled with
        {
            ConfidenceRadius = PairedStatistics.StudentQuantile(degrees) * error,
            Significance = error == 0 ? pooled.Difference == 0 ? 1 : 0 : PairedStatistics.StudentTest(pooled.Difference / error, degrees),
            Test = PairedTest.Student,
        };
    }
}
