using static System.FormattableString;

namespace Llama2.Evaluation.Reports.Pages;

/// <summary>All metrics of groups and tasks as a table.</summary>
internal static class MetricTable
{
    public static void Write(PageWriter page, EvaluationReport report)
    {
        page.AddMarkup("""
            <section class="card" aria-labelledby="metrics">
            <h2 id="metrics">All metrics</h2>
            <div class="scroll" role="region" aria-label="Table of all metrics" tabindex="0">
            <table class="figures">
            <thead><tr><th scope="col">Task</th><th scope="col">Metric</th><th scope="col">Filter</th><th scope="col" class="number">Shots</th><th scope="col" class="number">Value</th><th scope="col" class="number">95 % interval</th><th scope="col" class="number">Stderr</th><th scope="col" class="number">Examples</th></tr></thead>
            <tbody>

            """);
        foreach (GroupReport group in report.Groups)
            WriteRows(page, group.Group.Alias ?? group.Group.Name, "", group.Metrics, isGroup: true);
        foreach (TaskReport task in report.Tasks)
            WriteRows(page, task.Info.Alias ?? task.Info.Name, Invariant($"{task.Info.FewShotCount}"), task.Metrics, isGroup: false);
        page.AddMarkup("</tbody>\n</table>\n</div>\n</section>\n");
    }

    private static void WriteRows(PageWriter page, string name, string shots, IReadOnlyList<MetricResult> metrics, bool isGroup)
    {
        foreach (MetricResult result in metrics)
        {
            TaskMetric metric = result.Metric;
            string interval = Figures.Radius(result) is { } radius && double.IsFinite(result.Value)
                ? $"{Figures.Value(metric, Bounded(metric, result.Value, result.Value - radius))} – {Figures.Value(metric, Bounded(metric, result.Value, result.Value + radius))}"
                : "–";
            page.AddMarkup(isGroup ? "<tr class=\"group\">" : "<tr>");
            page.Add($"<td class=\"name\">{PageText.Shorten(name, 200)}</td><td>{PageText.Shorten(metric.Name, 100)} {(metric.HigherIsBetter ? "↑" : "↓")}</td><td>{PageText.Shorten(metric.Filter, 100)}</td><td class=\"number\">{shots}</td>");
            page.Add($"<td class=\"number\"><strong>{Figures.Value(metric, result.Value)}</strong></td><td class=\"number\">{interval}</td><td class=\"number\">{(result.StandardError is { } error ? Invariant($"{error:F4}") : "–")}</td><td class=\"number\">{Figures.Count(result.SampleCount)}</td></tr>\n");
        }
    }

    // A share is between 0 and 1.
    private static double Bounded(TaskMetric metric, double value, double bound) => Figures.IsShare(metric, value) ? Math.Clamp(bound, 0, 1) : bound;
}
