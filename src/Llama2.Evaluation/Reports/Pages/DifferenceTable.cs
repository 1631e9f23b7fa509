using static System.FormattableString;

namespace Llama2.Evaluation.Reports.Pages;

/// <summary>All differences of two models as a table, with the tests.</summary>
internal static class DifferenceTable
{
    public static void Write(PageWriter page, EvaluationComparison comparison)
    {
        page.AddMarkup("""
            <section class="card" aria-labelledby="metrics">
            <h2 id="metrics">All metrics</h2>
            <div class="scroll" role="region" aria-label="Table of all metrics" tabindex="0">
            <table class="figures">
            <thead><tr><th scope="col">Task</th><th scope="col">Metric</th><th scope="col" class="number">A</th><th scope="col" class="number">B</th><th scope="col" class="number">B − A</th><th scope="col" class="number">95 % interval</th><th scope="col" class="number">p</th><th scope="col">Better</th><th scope="col" class="number">Pairs</th><th scope="col" class="number">A greater</th><th scope="col" class="number">B greater</th><th scope="col">Test</th></tr></thead>
            <tbody>

            """);
        foreach (GroupComparison group in comparison.Groups)
            WriteRows(page, group.Group.Alias ?? group.Group.Name, group.Metrics, isGroup: true);
        foreach (TaskComparison task in comparison.Tasks)
            WriteRows(page, task.First.Info.Alias ?? task.First.Info.Name, task.Metrics, isGroup: false);
        int count = comparison.Tasks.Sum(task => task.Metrics.Count(metric => metric.Test != PairedTest.None));
        page.Add($"</tbody>\n</table>\n</div>\n<p class=\"note\">p is the two-sided probability of such a difference if both models are equally good: McNemar's exact test for answers that are right or wrong, Student's paired test for other means. It is not corrected for the number of tests{(count > 1 ? Invariant($": of {count:N0} tests, about {0.05 * count:0.#} are below 0.05 by chance alone") : "")}.</p>\n</section>\n");
    }

    /// <summary>A difference with its sign; in percentage points if the metric is a share.</summary>
    public static string Points(MetricComparison metric)
    {
        if (!double.IsFinite(metric.Difference))
            return "not defined";
        bool isShare = Figures.IsShare(metric.Metric, metric.First) && Figures.IsShare(metric.Metric, metric.Second);
        string size = isShare ? Invariant($"{100 * Math.Abs(metric.Difference):F1}") : Figures.Number(Math.Abs(metric.Difference));
        return (metric.Difference > 0 ? "+" : metric.Difference < 0 ? "−" : "") + size;
    }

    private static void WriteRows(PageWriter page, string name, IReadOnlyList<MetricComparison> metrics, bool isGroup)
    {
        foreach (MetricComparison metric in metrics)
        {
            page.AddMarkup(isGroup ? "<tr class=\"group\">" : "<tr>");
            string filter = metric.Metric.Filter == TaskMetric.NoFilter ? "" : $" ({metric.Metric.Filter})";
            page.Add($"<td class=\"name\">{PageText.Shorten(name, 200)}</td><td>{PageText.Shorten(metric.Metric.Name + filter, 150)} {(metric.Metric.HigherIsBetter ? "↑" : "↓")}</td>");
            page.Add($"<td class=\"number\">{Figures.Value(metric.Metric, metric.First)}</td><td class=\"number\">{Figures.Value(metric.Metric, metric.Second)}</td><td class=\"number\"><strong>{Points(metric)}</strong></td><td class=\"number\">{Interval(metric)}</td>");
            page.Add($"<td class=\"number\">{(metric.Significance is { } significance ? Figures.Probability(significance) : "–")}</td><td>");
            page.AddMarkup(metric.IsSecondBetter switch { true => "<span class=\"tag right\">B</span>", false => "<span class=\"tag wrong\">A</span>", null => "<span class=\"tag even\">open</span>" });
            page.Add($"</td><td class=\"number\">{Figures.Count(metric.PairCount)}</td><td class=\"number\">{Figures.Count(metric.FirstGreaterCount)}</td><td class=\"number\">{Figures.Count(metric.SecondGreaterCount)}</td>");
            page.Add($"<td>{(metric.Test switch { PairedTest.McNemar => "McNemar", PairedTest.Student => "Student", _ => "none" })}</td></tr>\n");
        }
    }

    private static string Interval(MetricComparison metric)
    {
        if (metric.ConfidenceRadius is not { } radius)
            return "–";
        return $"{Points(metric with { Second = metric.Second - radius })} … {Points(metric with { Second = metric.Second + radius })}";
    }
}
