namespace Llama2.Evaluation.Running;

/// <summary>Computes the results of groups from those of their tasks, as lm-evaluation-harness does (<c>aggregate_subtask_metrics</c>, <c>pooled_sample_stderr</c>).</summary>
internal static class GroupAggregation
{
    // Groups contain groups; deeper ones are refused, because a group could contain itself.
    private const int MaxDepth = 16;

    public static GroupReport Aggregate(EvaluationTaskGroup group, IReadOnlyList<EvaluationTaskGroup> groups, IReadOnlyList<TaskReport> tasks)
    {
        var names = new List<string>();
        Collect(group, groups, tasks, names, depth: 0);
        TaskReport[] members = [.. names.Distinct().Select(name => tasks.First(task => task.Info.Name == name))];
        List<MetricResult> metrics = [];
        foreach (TaskMetric metric in members.SelectMany(task => task.Metrics).Select(result => result.Metric).DistinctBy(metric => metric.Key))
        {
            if (group.Metrics.Contains(metric.Name) && (group.Filters.Count == 0 || group.Filters.Contains(metric.Filter)))
                metrics.Add(Aggregate(metric, [.. members.Select(task => task.Metrics.FirstOrDefault(result => result.Metric.Key == metric.Key)).OfType<MetricResult>().Where(result => result.SampleCount > 0)], group.IsWeightedBySize));
        }

        return new GroupReport(group, metrics, [.. members.Select(task => task.Info.Name)]);
    }

    private static void Collect(EvaluationTaskGroup group, IReadOnlyList<EvaluationTaskGroup> groups, IReadOnlyList<TaskReport> tasks, List<string> names, int depth)
    {
        if (depth > MaxDepth)
            throw new EvaluationDataException($"The group '{group.Name}' is nested more than {MaxDepth} deep, or contains itself.");
        foreach (string name in group.TaskNames)
        {
            if (tasks.Any(task => task.Info.Name == name))
                names.Add(name);
            else if (groups.FirstOrDefault(other => other.Name == name) is { } inner)
                Collect(inner, groups, tasks, names, depth + 1);
        }
    }

    private static MetricResult Aggregate(TaskMetric metric, MetricResult[] results, bool isWeightedBySize)
    {
        double weight = 0, sum = 0, squares = 0, degrees = 0;
        int count = 0;
        bool hasErrors = true;
        foreach (MetricResult result in results)
        {
            double size = isWeightedBySize ? result.SampleCount : 1;
            weight += size;
            sum += size * result.Value;
            count += result.SampleCount;
            hasErrors &= result.StandardError is not null;
            double n = result.SampleCount, error = result.StandardError ?? 0;
            squares += (n - 1) * error * error * n;
            degrees += n - 1;
        }

        // The pooled deviation of the samples, divided by the root of their number.
        double? standardError = hasErrors && degrees > 0 ? Math.Sqrt(squares / degrees) / Math.Sqrt(count) : null;
        return new MetricResult(metric, sum / weight, standardError, count);
    }
}
