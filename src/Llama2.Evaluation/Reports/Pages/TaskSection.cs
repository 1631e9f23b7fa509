using static System.FormattableString;

namespace Llama2.Evaluation.Reports.Pages;

/// <summary>The part of the page about one task: its metrics, charts, and some of its examples.</summary>
internal static class TaskSection
{
    public static void Write(PageWriter page, TaskView task, int position, int exampleCount)
    {
        TaskReport report = task.Report;
        page.Add($"<section class=\"card long\" aria-labelledby=\"task-{position}\">\n<h2 id=\"task-{position}\">{PageText.Shorten(task.Name, 200)}</h2>\n");
        page.Add($"<p class=\"soft\">{Describe(report)}</p>\n");
        if (report.Info.Description.Length > 0)
            page.Add($"<p class=\"note\">{PageText.Shorten(report.Info.Description, 600)}</p>\n");
        if (task.TruncatedCount > 0)
            page.Add($"<p class=\"note\"><strong>{Figures.Count(task.TruncatedCount, "prompt")} lost the beginning, because the model's context is too short.</strong></p>\n");
        WriteCharts(page, task);
        WriteExamples(page, report, exampleCount, position);
        page.AddMarkup("</section>\n");
    }

    private static string Describe(TaskReport report)
    {
        string count = report.Examples.Count == report.TotalExampleCount || report.TotalExampleCount == 0
            ? Figures.Count(report.Examples.Count, "example")
            : $"{Figures.Count(report.Examples.Count)} of {Figures.Count(report.TotalExampleCount, "example")}";
        string[] metrics = [.. report.Metrics.Select(result =>
            $"{result.Metric.Name}{(result.Metric.Filter == TaskMetric.NoFilter ? "" : $" ({result.Metric.Filter})")} {Figures.Value(result.Metric, result.Value)} {Figures.Radius(result.Metric, result.Value, Figures.Radius(result))}".TrimEnd())];
        return string.Join(" · ", (string[])[.. metrics, count, Invariant($"{report.Info.FewShotCount}-shot"), $"version {report.Info.Version}"]);
    }

    private static void WriteCharts(PageWriter page, TaskView task)
    {
        (double, bool)[] answers = [.. task.Choices.Where(pair => pair.Choice.CorrectIndex >= 0).Select(pair => (pair.Choice.Probabilities[pair.Choice.BestIndex], pair.Choice.BestIndex == pair.Choice.CorrectIndex))];
        if (task.Margins.Count == 0)
            return;
        page.AddMarkup("<div class=\"charts\">\n");
        MarginChart.Write(page, task.Margins);
        if (answers.Length > 0)
            CalibrationChart.Write(page, answers);
        page.AddMarkup("</div>\n");
    }

    private static void WriteExamples(PageWriter page, TaskReport report, int count, int position)
    {
        if (report.Examples.Count == 0)
        {
            page.AddMarkup("<p class=\"note\">No examples.</p>\n");
            return;
        }

        ExampleResult[] chosen =
        [
            .. Spread([.. report.Examples.Where(example => example.Score.IsCorrect == true)], count),
            .. Spread([.. report.Examples.Where(example => example.Score.IsCorrect == false)], count),
            .. Spread([.. report.Examples.Where(example => example.Score.IsCorrect is null)], count),
        ];
        page.Add($"<h3 id=\"examples-{position}\">{chosen.Length} of {Figures.Count(report.Examples.Count, "example")}</h3>\n");
        ExampleList.Write(page, chosen);
    }

    // Examples at equal distances: neighbours are often alike.
    private static IEnumerable<ExampleResult> Spread(ExampleResult[] examples, int count)
    {
        count = Math.Min(count, examples.Length);
        return Enumerable.Range(0, count).Select(i => examples[(int)((long)i * examples.Length / count)]);
    }
}
