using static System.FormattableString;

namespace Llama2.Evaluation.Reports.Pages;

/// <summary>The page about one report.</summary>
internal static class ReportPage
{
    // The size of the page is bounded: so many tasks have charts and examples, and so many examples are shown in all of them together.
    private const int MaxTaskCount = 100;
    private const int MaxExampleCount = 300;

    public static void Write(TextWriter output, EvaluationReport report)
    {
        TaskView[] tasks = [.. report.Tasks.Select(task => new TaskView(task))];
        PageFrame.Write(output, $"Evaluation of {PageText.Shorten(report.ModelName, 100)}", page =>
        {
            WriteHeader(page, report);
            page.AddMarkup("<main>\n");
            WriteTiles(page, report, tasks);
            WriteWarning(page, report);
            ScoreBars.Write(page, report, tasks);
            MetricTable.Write(page, report);
            if (tasks.Length > 1)
                WriteContents(page, tasks);
            int exampleCount = Math.Clamp(MaxExampleCount / (3 * Math.Min(tasks.Length, MaxTaskCount)), 1, 8);
            for (int i = 0; i < Math.Min(tasks.Length, MaxTaskCount); i++)
                TaskSection.Write(page, tasks[i], i + 1, exampleCount);
            if (tasks.Length > MaxTaskCount)
                page.Add($"<p class=\"note\">The table also has {Figures.Count(tasks.Length - MaxTaskCount, "further task")}.</p>\n");
            WriteFacts(page, report);
            page.AddMarkup("</main>\n");
            WriteFooter(page, report);
        });
    }

    public static void WriteFooter(PageWriter page, EvaluationReport report)
        => page.Add($"<footer><p>Made by Llama2 for .NET{(report.LibraryVersion.Length > 0 ? $" {report.LibraryVersion}" : "")}. The page loads nothing and has no script.</p></footer>\n");

    private static void WriteHeader(PageWriter page, EvaluationReport report)
    {
        page.Add($"<header>\n<p class=\"kicker\">Evaluation</p>\n<h1>{PageText.Shorten(report.ModelName, 200)}</h1>\n<p class=\"soft\">");
        if (report.StartTime != default)
            page.Add($"{report.StartTime.UtcDateTime:d MMMM yyyy, HH:mm} UTC, ");
        page.Add($"{Figures.Count(report.Tasks.Sum(task => task.Examples.Count), "example")} of {Figures.Count(report.Tasks.Count, "task")}{(report.MaxExampleCount is { } limit ? $", at most {Figures.Count(limit)} of each" : "")}</p>\n</header>\n");
    }

    private static void WriteTiles(PageWriter page, EvaluationReport report, TaskView[] tasks)
    {
        page.AddMarkup("<ul class=\"tiles\">\n");
        IEnumerable<(string Name, MetricResult Result)> scores =
        [
            .. report.Groups.Where(group => group.Metrics.Count > 0).Select(group => (group.Group.Alias ?? group.Group.Name, group.Metrics[0])),
            .. tasks.Where(task => task.Primary is not null).Select(task => (task.Name, task.Primary!)),
        ];
        foreach ((string name, MetricResult result) in scores.Take(2))
            WriteTile(page, Figures.Value(result.Metric, result.Value), Figures.Radius(result.Metric, result.Value, Figures.Radius(result)), $"{result.Metric.Name} of {PageText.Shorten(name, 60)}");
        if (tasks.Length == 1 && tasks[0].Chance is { } chance)
            WriteTile(page, Figures.Percent(chance), "", "by guessing");
        WriteTile(page, Figures.Count(report.Tasks.Sum(task => task.Examples.Count)), "", "examples");
        if (report.Duration > TimeSpan.Zero)
            WriteTile(page, Figures.Duration(report.Duration), "", "computed");
        page.AddMarkup("</ul>\n");
    }

    private static void WriteTile(PageWriter page, string value, string unit, string label)
        => page.Add($"<li><span class=\"value\">{value} <span class=\"unit soft\">{unit}</span></span><span class=\"label\">{label}</span></li>\n");

    private static void WriteWarning(PageWriter page, EvaluationReport report)
    {
        if (report.TruncatedRequestCount > 0)
        {
            page.Add($"<div class=\"card warning\" role=\"note\"><p><strong>{Figures.Count(report.TruncatedRequestCount, "prompt")} did not fit into the model's context and lost the beginning.</strong> Scores of these examples say little. Fewer few-shot examples make prompts shorter.</p></div>\n");
        }
    }

    private static void WriteContents(PageWriter page, TaskView[] tasks)
    {
        page.AddMarkup("<nav class=\"card\" aria-label=\"Tasks\">\n<h2>Tasks</h2>\n<ol>\n");
        for (int i = 0; i < Math.Min(tasks.Length, MaxTaskCount); i++)
            page.Add($"<li><a href=\"#task-{i + 1}\">{PageText.Shorten(tasks[i].Name, 100)}</a></li>\n");
        page.AddMarkup("</ol>\n</nav>\n");
    }

    private static void WriteFacts(PageWriter page, EvaluationReport report)
    {
        page.AddMarkup("<section class=\"card\" aria-labelledby=\"facts\">\n<h2 id=\"facts\">Run</h2>\n<dl>\n");
        WriteFact(page, "Model", PageText.Shorten(report.ModelName, 300));
        WriteFact(page, "Fingerprint", PageText.Shorten(report.Fingerprint, 400));
        WriteFact(page, "Seed of sampled answers", report.Seed is { } seed ? Invariant($"{seed}") : "");
        WriteFact(page, "Few-shot examples", string.Join(", ", report.Tasks.Select(task => task.Info.FewShotCount).Distinct().Order().Take(20)));
        WriteFact(page, "Truncated prompts", Figures.Count(report.TruncatedRequestCount));
        WriteFact(page, "Answers from an earlier run", Figures.Count(report.StoredResponseCount));
        WriteFact(page, "Time", report.Duration > TimeSpan.Zero ? Figures.Duration(report.Duration) : "");
        WriteFact(page, "Processor", PageText.Shorten(report.Processor, 200));
        WriteFact(page, "Library", report.LibraryVersion.Length > 0 ? $"Llama2 for .NET {PageText.Shorten(report.LibraryVersion, 50)}" : "");
        if (report.Tasks.Count == 1)
            WriteFact(page, "Digest of the data", DocumentHash.Of(report.Tasks[0]));
        page.AddMarkup("</dl>\n</section>\n");
    }

    private static void WriteFact(PageWriter page, string name, string value)
    {
        if (value.Length > 0)
            page.Add($"<dt>{name}</dt><dd>{value}</dd>\n");
    }
}
