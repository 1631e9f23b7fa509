using static System.FormattableString;

namespace Llama2.Evaluation.Reports.Pages;

/// <summary>
/// The scores of groups and tasks as bars with their 95 % confidence intervals. Names and figures are text of the page, so they are readable at any width.
/// </summary>
internal static class ScoreBars
{
    private const int MaxRowCount = 200;

    public static void Write(PageWriter page, EvaluationReport report, IReadOnlyList<TaskView> tasks)
    {
        List<(string Name, bool IsGroup, MetricResult Result, double? Chance)> rows =
        [
            .. report.Groups.Where(group => group.Metrics.Count > 0).Select(group => (group.Group.Alias ?? group.Group.Name, true, group.Metrics[0], (double?)null)),
            .. tasks.Where(task => task.Primary is not null).Select(task => (task.Name, false, task.Primary!, task.Chance)),
        ];
        rows = [.. rows.Where(row => row.Result.Value is >= 0 and <= 1)];
        if (rows.Count == 0)
            return;
        page.AddMarkup("<section class=\"card\" aria-labelledby=\"scores\">\n<h2 id=\"scores\">Scores</h2>\n<table class=\"bars\">\n<tbody>\n");
        foreach ((string name, bool isGroup, MetricResult result, double? chance) in rows.Take(MaxRowCount))
        {
            page.AddMarkup(isGroup ? "<tr class=\"group\">" : "<tr>");
            page.Add($"<th scope=\"row\">{PageText.Shorten(name, 120)}</th><td class=\"chart\">");
            WriteBar(page, result, chance);
            page.Add($"</td><td class=\"figure\">{result.Metric.Name} <strong>{Figures.Value(result.Metric, result.Value)}</strong> <span class=\"interval\">{Figures.Radius(result.Metric, result.Value, Figures.Radius(result))}</span></td></tr>\n");
        }

        page.AddMarkup("</tbody>\n</table>\n");
        if (rows.Count > MaxRowCount)
            page.Add($"<p class=\"note\">The table below also has {Figures.Count(rows.Count - MaxRowCount, "further row")}.</p>\n");
        page.AddMarkup("""
            <p class="legend"><span><svg viewBox="0 0 22 12" aria-hidden="true"><line class="whisker" x1="2" x2="20" y1="6" y2="6"/><line class="whisker" x1="2" x2="2" y1="2" y2="10"/><line class="whisker" x1="20" x2="20" y1="2" y2="10"/></svg>95 % confidence interval</span>
            """);
        if (rows.Any(row => row.Chance is not null))
            page.AddMarkup("<span><svg viewBox=\"0 0 22 12\" aria-hidden=\"true\"><line class=\"chance\" x1=\"11\" x2=\"11\" y1=\"0\" y2=\"12\"/></svg>chance</span>");
        page.AddMarkup("</p>\n</section>\n");
    }

    private static void WriteBar(PageWriter page, MetricResult result, double? chance)
    {
        string value = X(result.Value);
        page.Add($"<svg viewBox=\"0 0 100 22\" preserveAspectRatio=\"none\" aria-hidden=\"true\"><rect class=\"track\" width=\"100\" height=\"14\" y=\"4\"/><rect class=\"bar\" width=\"{value}\" height=\"14\" y=\"4\"/>");
        if (chance is { } guess)
            page.Add($"<line class=\"chance\" x1=\"{X(guess)}\" x2=\"{X(guess)}\" y1=\"1\" y2=\"21\"/>");
        if (Figures.Radius(result) is { } radius && double.IsFinite(radius))
        {
            string low = X(result.Value - radius), high = X(result.Value + radius);
            page.Add($"<line class=\"whisker\" x1=\"{low}\" x2=\"{high}\" y1=\"11\" y2=\"11\"/><line class=\"whisker\" x1=\"{low}\" x2=\"{low}\" y1=\"7\" y2=\"15\"/><line class=\"whisker\" x1=\"{high}\" x2=\"{high}\" y1=\"7\" y2=\"15\"/>");
        }

        page.AddMarkup("</svg>");
    }

    private static string X(double share) => Invariant($"{Math.Clamp(100 * share, 0, 100):0.##}");
}
