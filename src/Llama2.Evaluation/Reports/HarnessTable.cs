using System.Globalization;

namespace Llama2.Evaluation.Reports;

/// <summary>The table that lm-evaluation-harness prints (<c>make_table</c>).</summary>
internal static class HarnessTable
{
    private const int MaxDepth = 16;
    private static readonly bool[] s_areNumbers = [false, true, false, true, false, false, true, false, true];

    public static void Write(EvaluationReport report, TextWriter writer)
    {
        List<string[]> rows = [], groups = [];
        // Groups before their tasks, which are indented; then the tasks without a group.
        var inner = report.Groups.SelectMany(group => group.Group.TaskNames).ToHashSet();
        var shown = new HashSet<string>();
        foreach (GroupReport group in report.Groups.Where(group => !inner.Contains(group.Group.Name)).OrderBy(group => group.Group.Name, StringComparer.Ordinal))
            AddGroup(rows, groups, group, report, shown, depth: 0);
        foreach (TaskReport task in report.Tasks.Where(task => !inner.Contains(task.Info.Name)).OrderBy(task => task.Info.Name, StringComparer.Ordinal))
            AddTask(rows, task, depth: 0);
        WriteTable(writer, "Tasks", rows);
        if (groups.Count == 0)
            return;
        writer.Write('\n');
        WriteTable(writer, "Groups", groups);
    }

    // Reports are also read from files, in which groups may contain each other: each is shown once.
    private static void AddGroup(List<string[]> rows, List<string[]> groups, GroupReport group, EvaluationReport report, HashSet<string> shown, int depth)
    {
        if (!shown.Add(group.Group.Name))
            return;
        int[] shots = [.. report.Tasks.Where(task => group.TaskNames.Contains(task.Info.Name)).Select(task => task.Info.FewShotCount).Distinct()];
        string shot = shots is [int count] ? count.ToString(CultureInfo.InvariantCulture) : "";
        AddRows(rows, group.Group.Alias ?? group.Group.Name, group.Group.Version, shot, group.Metrics, depth);
        AddRows(groups, group.Group.Alias ?? group.Group.Name, group.Group.Version, shot, group.Metrics, depth);
        foreach (string name in group.Group.TaskNames.Order(StringComparer.Ordinal).Where(_ => depth < MaxDepth))
        {
            if (report.Tasks.FirstOrDefault(task => task.Info.Name == name) is { } task)
                AddTask(rows, task, depth + 1);
            else if (report.Groups.FirstOrDefault(other => other.Group.Name == name) is { } other)
                AddGroup(rows, groups, other, report, shown, depth + 1);
        }
    }

    private static void AddTask(List<string[]> rows, TaskReport task, int depth)
        => AddRows(rows, task.Info.Alias ?? task.Info.Name, task.Info.Version, task.Info.FewShotCount.ToString(CultureInfo.InvariantCulture), task.Metrics, depth);

    private static void AddRows(List<string[]> rows, string name, string version, string shots, IReadOnlyList<MetricResult> metrics, int depth)
    {
        string cell = depth > 0 ? $"{new string(' ', depth)}- {name}" : name;
        foreach (MetricResult result in metrics.OrderBy(result => result.Metric.Key, StringComparer.Ordinal))
        {
            rows.Add([cell, version, result.Metric.Filter, shots, result.Metric.Name, result.Metric.HigherIsBetter ? "↑" : "↓", Number(result.Value), "±", result.StandardError is { } error ? Number(error) : "N/A"]);
            (cell, version) = ("", "");
        }

        if (metrics.Count == 0)
            rows.Add([cell, version, "", shots, "", "", "", "", ""]);
    }

    private static string Number(double value) => double.IsNaN(value) ? "N/A" : value.ToString("F4", CultureInfo.InvariantCulture);

    private static void WriteTable(TextWriter writer, string name, List<string[]> rows)
        => MarkdownTable.Write(writer, [name, "Version", "Filter", "n-shot", "Metric", "", "Value", "", "Stderr"], s_areNumbers, rows);
}
