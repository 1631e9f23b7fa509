using Llama2.Evaluation.Reports;
using static System.FormattableString;

namespace Llama2.Evaluation;

/// <summary>
/// The differences of two models that answered the same questions, with tests that pair their answers to each question. Immutable and thread-safe.
/// </summary>
/// <remarks>
/// Metrics whose values are 0 and 1 are tested by McNemar's exact test (Dietterich 1998, "Approximate statistical tests for comparing supervised
/// classification learning algorithms"), other means by Student's test of paired samples. The tests treat the questions as a sample of all questions of
/// their kind; they do not correct for the number of metrics that are compared.
/// </remarks>
public sealed record EvaluationComparison
{
    private EvaluationComparison(EvaluationReport first, EvaluationReport second, IReadOnlyList<TaskComparison> tasks, IReadOnlyList<GroupComparison> groups)
        => (First, Second, Tasks, Groups) = (first, second, tasks, groups);

    /// <summary>The first model's report.</summary>
    public EvaluationReport First { get; }

    /// <summary>The second model's report.</summary>
    public EvaluationReport Second { get; }

    /// <summary>The differences on each task, in the first report's order.</summary>
    public IReadOnlyList<TaskComparison> Tasks { get; }

    /// <summary>The differences on each group that both reports have, in the first report's order.</summary>
    public IReadOnlyList<GroupComparison> Groups { get; }

    /// <summary>Compares two runs.</summary>
    /// <param name="first">A report with examples: of a run, or read by <see cref="HarnessResults.Read"/>.</param>
    /// <param name="second">A report of the same tasks over the same examples. Prompts may differ.</param>
    /// <exception cref="EvaluationDataException">
    /// The reports cannot be compared: their tasks, the versions of the tasks, or their data differ, or a report has no examples. The message says what
    /// differs.
    /// </exception>
    public static EvaluationComparison Compare(EvaluationReport first, EvaluationReport second)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        RequireSameNames([.. first.Tasks.Select(task => task.Info.Name)], [.. second.Tasks.Select(task => task.Info.Name)]);
        TaskComparison[] tasks = [.. first.Tasks.Select(task => Compare(task, second.Tasks.First(other => other.Info.Name == task.Info.Name)))];
        List<GroupComparison> groups = [];
        foreach (GroupReport group in first.Groups)
        {
            if (second.Groups.FirstOrDefault(other => other.Group.Name == group.Group.Name) is { } other)
                groups.Add(new GroupComparison(group.Group, GroupPairs.Compare(group, other, tasks)));
        }

        return new EvaluationComparison(first, second, tasks, groups);
    }

    private static void RequireSameNames(string[] first, string[] second)
    {
        string[] onlyFirst = [.. first.Except(second)], onlySecond = [.. second.Except(first)];
        if (onlyFirst.Length + onlySecond.Length > 0)
        {
            throw new EvaluationDataException(
                $"The reports have different tasks: only the first has {List(onlyFirst)}, only the second has {List(onlySecond)}. Evaluate both models with the same tasks.");
        }

        static string List(string[] names) => names.Length == 0 ? "none" : string.Join(", ", names.Take(5).Select(name => $"'{name}'")) + (names.Length > 5 ? Invariant($" and {names.Length - 5:N0} more") : "");
    }

    private static TaskComparison Compare(TaskReport first, TaskReport second)
    {
        string name = first.Info.Name;
        if (first.Info.Version != second.Info.Version)
            throw new EvaluationDataException($"The task '{name}' has the version '{first.Info.Version}' in the first report and '{second.Info.Version}' in the second one. Evaluate both models with the same version.");
        if (first.Examples.Count == 0 || second.Examples.Count == 0)
            throw new EvaluationDataException($"The {(first.Examples.Count == 0 ? "first" : "second")} report has no examples of the task '{name}'. The file '{SamplesFile.NameOf(name)}' must be beside the results.");
        if (first.Examples.Count != second.Examples.Count)
        {
            throw new EvaluationDataException(Invariant(
                $"The task '{name}' has {first.Examples.Count:N0} examples in the first report and {second.Examples.Count:N0} in the second one. Evaluate both models with the same limit."));
        }

        second = second with { Examples = InOrderOf(first, second) };
        for (int i = 0; i < first.Examples.Count; i++)
        {
            if (DocumentHash.Of(first.Examples[i].Example.Document) != DocumentHash.Of(second.Examples[i].Example.Document))
            {
                throw new EvaluationDataException(Invariant(
                    $"The example {first.Examples[i].Example.Index:N0} of the task '{name}' has a different document in the second report; the digests of the data are {DocumentHash.Of(first)[..12]}… and {DocumentHash.Of(second)[..12]}…. Evaluate both models with the same data set."));
            }
        }

        List<MetricComparison> metrics = [];
        foreach (MetricResult metric in first.Metrics)
        {
            if (second.Metrics.FirstOrDefault(other => other.Metric.Key == metric.Metric.Key) is { } other)
                metrics.Add(MetricPairs.Compare(metric, other, MetricPairs.Of(first, second, metric.Metric.Key)));
        }

        return new TaskComparison(first, second, metrics);
    }

    // A file of samples need not have the order of the other one.
    private static ExampleResult[] InOrderOf(TaskReport first, TaskReport second)
    {
        var byIndex = new Dictionary<int, ExampleResult>();
        foreach (ExampleResult example in second.Examples)
            byIndex.TryAdd(example.Example.Index, example);
        return [.. first.Examples.Select(example => byIndex.GetValueOrDefault(example.Example.Index) ?? throw new EvaluationDataException(Invariant(
            $"The second report has no example {example.Example.Index:N0} of the task '{first.Info.Name}'. Evaluate both models with the same examples.")))];
    }
}
