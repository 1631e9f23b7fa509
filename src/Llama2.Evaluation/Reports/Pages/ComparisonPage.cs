using static System.FormattableString;

namespace Llama2.Evaluation.Reports.Pages;

/// <summary>The page about the differences of two models.</summary>
internal static class ComparisonPage
{
    private const int MaxTaskCount = 100;
    private const int MaxExampleCount = 300;

    public static void Write(TextWriter output, EvaluationComparison comparison)
    {
        string first = comparison.First.ModelName, second = comparison.Second.ModelName;
        PageFrame.Write(output, $"{PageText.Shorten(first, 80)} and {PageText.Shorten(second, 80)} compared", page =>
        {
            page.Add($"<header>\n<p class=\"kicker\">Comparison</p>\n<h1>{PageText.Shorten(second, 120)} <span class=\"soft\">against</span> {PageText.Shorten(first, 120)}</h1>\n");
            page.Add($"<p class=\"soft\">A is {PageText.Shorten(first, 120)}, B is {PageText.Shorten(second, 120)}; differences are B minus A, over the same {Figures.Count(comparison.Tasks.Sum(task => task.First.Examples.Count), "example")} of {Figures.Count(comparison.Tasks.Count, "task")}.</p>\n</header>\n<main>\n");
            WriteWarning(page, comparison);
            WriteSummary(page, comparison);
            DifferenceChart.Write(page, comparison);
            DifferenceTable.Write(page, comparison);
            WriteExamples(page, comparison);
            WriteRuns(page, comparison);
            page.AddMarkup("</main>\n");
            ReportPage.WriteFooter(page, comparison.Second);
        });
    }

    private static void WriteWarning(PageWriter page, EvaluationComparison comparison)
    {
        string[] different = [.. comparison.Tasks.Where(task => task.First.Info.FewShotCount != task.Second.Info.FewShotCount).Select(task => task.First.Info.Name)];
        if (different.Length > 0)
            page.Add($"<div class=\"card warning\" role=\"note\"><p><strong>The numbers of few-shot examples differ</strong> in {Figures.Count(different.Length, "task")}, such as {PageText.Shorten(different[0], 80)}: the difference is not due to the models alone.</p></div>\n");
        int truncated = comparison.First.TruncatedRequestCount + comparison.Second.TruncatedRequestCount;
        if (truncated > 0)
            page.Add($"<div class=\"card warning\" role=\"note\"><p><strong>{Figures.Count(truncated, "prompt")} lost the beginning</strong> in one of the runs, because the context is too short.</p></div>\n");
    }

    private static void WriteSummary(PageWriter page, EvaluationComparison comparison)
    {
        MetricComparison[] metrics = [.. comparison.Tasks.Where(task => task.Metrics.Count > 0).Select(task => task.Metrics[0])];
        int better = metrics.Count(metric => metric.IsSecondBetter == true), worse = metrics.Count(metric => metric.IsSecondBetter == false);
        page.AddMarkup("<ul class=\"tiles\">\n");
        WriteTile(page, Figures.Count(better), better == 1 ? "task on which B is better (p < 0.05)" : "tasks on which B is better (p < 0.05)");
        WriteTile(page, Figures.Count(worse), worse == 1 ? "task on which A is better (p < 0.05)" : "tasks on which A is better (p < 0.05)");
        WriteTile(page, Figures.Count(metrics.Length - better - worse), "without a significant difference");
        WriteTile(page, Figures.Count(comparison.Tasks.Sum(task => task.DifferentExamples.Count)), "examples that only one answers right");
        page.AddMarkup("</ul>\n");
    }

    private static void WriteTile(PageWriter page, string value, string label) => page.Add($"<li><span class=\"value\">{value}</span><span class=\"label\">{label}</span></li>\n");

    private static void WriteExamples(PageWriter page, EvaluationComparison comparison)
    {
        TaskComparison[] tasks = [.. comparison.Tasks.Where(task => task.DifferentExamples.Count > 0).Take(MaxTaskCount)];
        int count = tasks.Length == 0 ? 0 : Math.Clamp(MaxExampleCount / tasks.Length, 2, 20);
        for (int i = 0; i < tasks.Length; i++)
        {
            (TaskComparison task, IReadOnlyList<int> different) = (tasks[i], tasks[i].DifferentExamples);
            page.Add($"<section class=\"card long\" aria-labelledby=\"task-{i + 1}\">\n<h2 id=\"task-{i + 1}\">{PageText.Shorten(task.First.Info.Alias ?? task.First.Info.Name, 200)}</h2>\n");
            page.Add($"<h3>{Figures.Count(Math.Min(count, different.Count))} of {Figures.Count(different.Count, "example")} that only one model answers right</h3>\n");
            for (int k = 0; k < Math.Min(count, different.Count); k++)
            {
                int position = different[(int)((long)k * different.Count / Math.Min(count, different.Count))];
                ExampleList.WritePair(page, task.First.Examples[position], task.Second.Examples[position], comparison.First.ModelName, comparison.Second.ModelName);
            }

            page.AddMarkup("</section>\n");
        }
    }

    private static void WriteRuns(PageWriter page, EvaluationComparison comparison)
    {
        page.AddMarkup("<section class=\"card\" aria-labelledby=\"facts\">\n<h2 id=\"facts\">Runs</h2>\n<dl>\n");
        foreach ((string name, EvaluationReport report) in new[] { ("A", comparison.First), ("B", comparison.Second) })
        {
            page.Add($"<dt>{name}</dt><dd>{PageText.Shorten(report.ModelName, 200)}");
            if (report.StartTime != default)
                page.Add($", {report.StartTime.UtcDateTime:d MMMM yyyy, HH:mm} UTC");
            page.Add($"{(report.Seed is { } seed ? Invariant($", seed {seed}") : "")}{(report.Processor.Length > 0 ? $", {PageText.Shorten(report.Processor, 100)}" : "")}</dd>\n");
            if (report.Fingerprint.Length > 0)
                page.Add($"<dt>Fingerprint of {name}</dt><dd>{PageText.Shorten(report.Fingerprint, 400)}</dd>\n");
        }

        page.AddMarkup("</dl>\n</section>\n");
    }
}
