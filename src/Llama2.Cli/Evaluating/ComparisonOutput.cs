using System.Globalization;
using System.Text.Json;
using Llama2.Cli.Output;
using Llama2.Cli.Terminal;
using Llama2.Evaluation;

namespace Llama2.Cli.Evaluating;

/// <summary>The output of <c>llama2 compare</c>.</summary>
internal static class ComparisonOutput
{
    public static void WriteTable(ConsoleHost host, EvaluationComparison comparison)
    {
        host.Output.WriteLine(PrintableText.SingleLine($"A: {comparison.First.ModelName}"));
        host.Output.WriteLine(PrintableText.SingleLine($"B: {comparison.Second.ModelName}"));
        host.Output.WriteLine();
        IEnumerable<(string Name, MetricComparison Metric)> rows =
        [
            .. comparison.Groups.SelectMany(group => group.Metrics.Select(metric => (group.Group.Alias ?? group.Group.Name, metric))),
            .. comparison.Tasks.SelectMany(task => task.Metrics.Select(metric => (task.First.Info.Alias ?? task.First.Info.Name, metric))),
        ];
        TextTable.Write(host.Output, host.OutputWidth, ["task", "metric", "A", "B", "B-A", "95 %", "p", "better", "n", "A>B", "B>A"], [2, 3, 4, 5, 6, 8, 9, 10], rows, (row, cells) =>
        {
            MetricComparison metric = row.Metric;
            cells[0].Append(PrintableText.SingleLine(row.Name));
            cells[1].Append(PrintableText.SingleLine(metric.Metric.Filter == TaskMetric.NoFilter ? metric.Metric.Name : $"{metric.Metric.Name} ({metric.Metric.Filter})")).Append(metric.Metric.HigherIsBetter ? " ↑" : " ↓");
            cells[2].Append(TableFigure.Format(metric.First));
            cells[3].Append(TableFigure.Format(metric.Second));
            cells[4].Append(TableFigure.Format(metric.Difference, "+0.0000;-0.0000;0.0000"));
            cells[5].Append(metric.ConfidenceRadius is { } radius ? $"±{TableFigure.Format(radius)}" : "-");
            cells[6].Append(metric.Significance < 0.0001 ? "<0.0001" : TableFigure.Format(metric.Significance));
            cells[7].Append(metric.IsSecondBetter switch { true => "B", false => "A", null => "-" });
            cells[8].Append(CultureInfo.InvariantCulture, $"{metric.PairCount:N0}");
            cells[9].Append(CultureInfo.InvariantCulture, $"{metric.FirstGreaterCount:N0}");
            cells[10].Append(CultureInfo.InvariantCulture, $"{metric.SecondGreaterCount:N0}");
        });
    }

    public static void WriteJson(ConsoleHost host, EvaluationComparison comparison) => JsonOutput.Write(host.OutputStream, json =>
    {
        WriteModel(json, "first", comparison.First);
        WriteModel(json, "second", comparison.Second);
        json.WriteStartObject("groups");
        foreach (GroupComparison group in comparison.Groups)
            WriteMetrics(json, group.Group.Name, group.Metrics);
        json.WriteEndObject();
        json.WriteStartObject("tasks");
        foreach (TaskComparison task in comparison.Tasks)
            WriteMetrics(json, task.First.Info.Name, task.Metrics);
        json.WriteEndObject();
    });

    private static void WriteModel(Utf8JsonWriter json, string name, EvaluationReport report)
    {
        json.WriteStartObject(name);
        json.WriteString("model_name", report.ModelName);
        json.WriteString("fingerprint", report.Fingerprint);
        json.WriteEndObject();
    }

    private static void WriteMetrics(Utf8JsonWriter json, string name, IReadOnlyList<MetricComparison> metrics)
    {
        json.WriteStartObject(name);
        foreach (MetricComparison metric in metrics)
        {
            json.WriteStartObject(metric.Metric.Key);
            WriteNumber(json, "first", metric.First);
            WriteNumber(json, "second", metric.Second);
            WriteNumber(json, "difference", metric.Difference);
            WriteNumber(json, "confidence_radius", metric.ConfidenceRadius);
            WriteNumber(json, "p", metric.Significance);
            json.WriteString("test", metric.Test switch { PairedTest.McNemar => "mcnemar", PairedTest.Student => "student", _ => "none" });
            json.WriteString("better", metric.IsSecondBetter switch { true => "second", false => "first", null => null });
            json.WriteNumber("pairs", metric.PairCount);
            json.WriteNumber("first_greater", metric.FirstGreaterCount);
            json.WriteNumber("second_greater", metric.SecondGreaterCount);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static void WriteNumber(Utf8JsonWriter json, string name, double? value)
    {
        if (value is { } number && double.IsFinite(number))
            json.WriteNumber(name, number);
        else
            json.WriteNull(name);
    }
}
