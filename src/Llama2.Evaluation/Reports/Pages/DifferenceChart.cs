using static System.FormattableString;

namespace Llama2.Evaluation.Reports.Pages;

/// <summary>The differences of two models, each a dot with its 95 % confidence interval beside a line at zero.</summary>
internal static class DifferenceChart
{
    private const int MaxRowCount = 200;

    public static void Write(PageWriter page, EvaluationComparison comparison)
    {
        (string Name, bool IsGroup, MetricComparison Metric)[] rows =
        [
            .. comparison.Groups.Where(group => group.Metrics.Count > 0).Select(group => (group.Group.Alias ?? group.Group.Name, true, group.Metrics[0])),
            .. comparison.Tasks.Where(task => task.Metrics.Count > 0).Select(task => (task.First.Info.Alias ?? task.First.Info.Name, false, task.Metrics[0])),
        ];
        // Only means of shares have one scale.
        rows = [.. rows.Where(row => row.Metric.ConfidenceRadius is not null && Figures.IsShare(row.Metric.Metric, row.Metric.First) && Figures.IsShare(row.Metric.Metric, row.Metric.Second)).Take(MaxRowCount)];
        if (rows.Length == 0)
            return;
        double limit = Math.Clamp(rows.Max(row => Math.Abs(row.Metric.Difference) + row.Metric.ConfidenceRadius!.Value) * 1.05, 0.01, 2);
        page.AddMarkup("<section class=\"card\" aria-labelledby=\"differences\">\n<h2 id=\"differences\">Differences</h2>\n<table class=\"bars\">\n<tbody>\n");
        foreach ((string name, bool isGroup, MetricComparison metric) in rows)
        {
            page.AddMarkup(isGroup ? "<tr class=\"group\">" : "<tr>");
            page.Add($"<th scope=\"row\">{PageText.Shorten(name, 120)}</th><td class=\"chart\">");
            WriteInterval(page, metric, limit);
            page.Add($"</td><td class=\"figure\">{metric.Metric.Name} <strong>{DifferenceTable.Points(metric)}</strong> <span class=\"interval\">± {100 * metric.ConfidenceRadius!.Value:F1}</span></td></tr>\n");
        }

        page.AddMarkup("</tbody>\n</table>\n");
        page.Add($"<p class=\"legend\"><span>B minus A in percentage points, from {-100 * limit:F1} to {100 * limit:F1}, with the 95 % confidence interval. Blue: not significant; green: B is better; red: A is better.</span></p>\n</section>\n");
    }

    private static void WriteInterval(PageWriter page, MetricComparison metric, double limit)
    {
        string shape = metric.IsSecondBetter switch { true => "good", false => "bad", null => "bar" };
        double radius = metric.ConfidenceRadius!.Value;
        (string low, string middle, string high) = (X(metric.Difference - radius, limit), X(metric.Difference, limit), X(metric.Difference + radius, limit));
        double start = Math.Min(Position(0, limit), Position(metric.Difference, limit)), end = Math.Max(Position(0, limit), Position(metric.Difference, limit));
        page.Add($"<svg viewBox=\"0 0 100 22\" preserveAspectRatio=\"none\" aria-hidden=\"true\"><rect class=\"track\" width=\"100\" height=\"14\" y=\"4\"/><rect class=\"{shape}\" x=\"{start:0.##}\" width=\"{Math.Max(end - start, 0.3):0.##}\" height=\"14\" y=\"4\"/>");
        page.Add($"<line class=\"zero\" x1=\"50\" x2=\"50\" y1=\"0\" y2=\"22\"/><line class=\"whisker\" x1=\"{low}\" x2=\"{high}\" y1=\"11\" y2=\"11\"/><line class=\"whisker\" x1=\"{low}\" x2=\"{low}\" y1=\"7\" y2=\"15\"/><line class=\"whisker\" x1=\"{high}\" x2=\"{high}\" y1=\"7\" y2=\"15\"/><line class=\"whisker\" x1=\"{middle}\" x2=\"{middle}\" y1=\"4\" y2=\"18\"/></svg>");
    }

    private static string X(double difference, double limit) => Invariant($"{Position(difference, limit):0.##}");

    private static double Position(double difference, double limit) => Math.Clamp(50 + (50 * difference / limit), 0, 100);
}
