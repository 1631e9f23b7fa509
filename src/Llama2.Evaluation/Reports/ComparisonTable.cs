using System.Globalization;

namespace Llama2.Evaluation.Reports;

/// <summary>The differences of two models as a table in Markdown.</summary>
internal static class ComparisonTable
{
    private static readonly bool[] s_areNumbers = [false, false, false, false, true, true, true, true, true, true, true, true];

    public static void Write(EvaluationComparison comparison, TextWriter writer)
    {
        List<string[]> rows = [];
        foreach (GroupComparison group in comparison.Groups)
            Add(rows, group.Group.Alias ?? group.Group.Name, group.Metrics);
        foreach (TaskComparison task in comparison.Tasks)
            Add(rows, task.First.Info.Alias ?? task.First.Info.Name, task.Metrics);
        writer.Write($"A: {MarkdownText.Escape(comparison.First.ModelName)}\\\nB: {MarkdownText.Escape(comparison.Second.ModelName)}\n\n");
        MarkdownTable.Write(writer, ["Tasks", "Filter", "Metric", "", "A", "B", "B-A", "95 %", "p", "Pairs", "A>B", "B>A"], s_areNumbers, rows);
    }

    private static void Add(List<string[]> rows, string name, IReadOnlyList<MetricComparison> metrics)
    {
        foreach (MetricComparison metric in metrics)
        {
            rows.Add([
                name, metric.Metric.Filter, metric.Metric.Name, metric.Metric.HigherIsBetter ? "↑" : "↓", Number(metric.First), Number(metric.Second), Number(metric.Difference, "+0.0000;-0.0000;0.0000"),
                metric.ConfidenceRadius is { } radius ? $"±{Number(radius)}" : "", metric.Significance is { } significance ? significance < 0.0001 ? "<0.0001" : Number(significance) : "",
                metric.PairCount.ToString(CultureInfo.InvariantCulture), metric.FirstGreaterCount.ToString(CultureInfo.InvariantCulture), metric.SecondGreaterCount.ToString(CultureInfo.InvariantCulture),
            ]);
            name = "";
        }
    }

    private static string Number(double value, string format = "F4") => double.IsNaN(value) ? "N/A" : value.ToString(format, CultureInfo.InvariantCulture);
}
