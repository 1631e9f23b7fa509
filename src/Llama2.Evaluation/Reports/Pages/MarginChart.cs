using static System.FormattableString;

namespace Llama2.Evaluation.Reports.Pages;

/// <summary>A histogram of the margins of multiple-choice questions: by how much the right choice is likelier than the likeliest wrong one.</summary>
internal static class MarginChart
{
    private const int HalfCount = 12;
    private const double Width = 440, Height = 212, Bottom = 170, Top = 10;

    /// <param name="page">Receives the chart.</param>
    /// <param name="margins">The margins, 1 or more finite numbers.</param>
    public static void Write(PageWriter page, IReadOnlyList<double> margins)
    {
        double[] sizes = [.. margins.Select(Math.Abs).Order()];
        // Outliers are counted in the outermost bars.
        double limit = Math.Max(sizes[(int)(0.98 * (sizes.Length - 1))], 0.01);
        double step = NiceStep(limit / HalfCount);
        int[] counts = new int[2 * HalfCount];
        foreach (double margin in margins)
            counts[Math.Clamp((int)Math.Floor(margin / step) + HalfCount, 0, counts.Length - 1)]++;
        int most = counts.Max(), rightCount = margins.Count(margin => margin > 0);
        string description = Invariant($"Histogram of the margins of {margins.Count:N0} questions: {rightCount:N0} are positive, which means that the right choice is the likeliest. The median is {Median(margins):0.##}.");
        page.Add($"<figure><figcaption><strong>Margin of the right choice</strong> <span class=\"soft\">in log-likelihood, median {Median(margins):0.##}</span></figcaption>");
        page.Add($"<svg viewBox=\"0 0 {Width} {Height}\" role=\"img\" aria-label=\"{description}\">");
        double barWidth = Width / counts.Length;
        for (int i = 0; i < counts.Length; i++)
        {
            double height = (Bottom - Top) * counts[i] / most;
            page.Add($"<rect class=\"{(i < HalfCount ? "bad" : "good")}\" x=\"{(i * barWidth) + 1:0.##}\" y=\"{Bottom - height:0.##}\" width=\"{barWidth - 2:0.##}\" height=\"{height:0.##}\"/>");
        }

        page.Add($"<line class=\"axis\" x1=\"0\" x2=\"{Width}\" y1=\"{Bottom}\" y2=\"{Bottom}\"/><line class=\"zero\" x1=\"{Width / 2}\" x2=\"{Width / 2}\" y1=\"{Top}\" y2=\"{Bottom + 4}\"/>");
        double end = HalfCount * step;
        WriteLabel(page, 0, "start", Invariant($"≤ {-end + step:0.###}"));
        WriteLabel(page, Width / 4, "middle", "wrong");
        WriteLabel(page, Width / 2, "middle", "0");
        WriteLabel(page, 3 * Width / 4, "middle", "right");
        WriteLabel(page, Width, "end", Invariant($"≥ {end - step:0.###}"));
        page.AddMarkup("</svg></figure>\n");
    }

    private static void WriteLabel(PageWriter page, double x, string anchor, string text)
        => page.Add($"<text x=\"{x:0.##}\" y=\"{Bottom + 20}\" text-anchor=\"{anchor}\">{text}</text>");

    // The next of 1, 2, 2.5 and 5 times a power of ten.
    private static double NiceStep(double step)
    {
        double power = Math.Pow(10, Math.Floor(Math.Log10(step)));
        return power * new[] { 1, 2, 2.5, 5, 10 }.First(factor => factor * power >= step * 0.9999);
    }

    private static double Median(IReadOnlyList<double> values)
    {
        double[] sorted = [.. values.Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
