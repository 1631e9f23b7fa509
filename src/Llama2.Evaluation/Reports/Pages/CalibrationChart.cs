using static System.FormattableString;

namespace Llama2.Evaluation.Reports.Pages;

/// <summary>
/// How often the chosen answer is right, by its probability among the choices: a reliability diagram with ten bins, and the expected calibration error (Guo
/// et al. 2017, arXiv 1706.04599).
/// </summary>
internal static class CalibrationChart
{
    private const int BinCount = 10;
    private const double Left = 44, Right = 430, Top = 10, Bottom = 170;

    /// <param name="page">Receives the chart.</param>
    /// <param name="answers">For each question, the probability of the chosen answer, and whether it is right; 1 or more.</param>
    public static void Write(PageWriter page, IReadOnlyList<(double Confidence, bool IsRight)> answers)
    {
        (double Confidence, double Accuracy, int Count)[] bins =
        [
            .. answers.GroupBy(answer => Math.Min((int)(answer.Confidence * BinCount), BinCount - 1)).OrderBy(bin => bin.Key)
                .Select(bin => (bin.Average(answer => answer.Confidence), bin.Count(answer => answer.IsRight) / (double)bin.Count(), bin.Count())),
        ];
        double error = bins.Sum(bin => bin.Count * Math.Abs(bin.Accuracy - bin.Confidence)) / answers.Count;
        string description = "Calibration: " + string.Join("; ", bins.Select(bin => Invariant($"of {bin.Count:N0} answers with a probability of about {bin.Confidence:P0}, {bin.Accuracy:P0} are right"))) + ".";
        page.Add($"<figure><figcaption><strong>Calibration</strong> <span class=\"soft\">expected error {Figures.Percent(error)}</span></figcaption><svg viewBox=\"0 0 440 212\" role=\"img\" aria-label=\"{description}\">");
        foreach (double share in (double[])[0, 0.5, 1])
        {
            page.Add($"<line class=\"axis\" x1=\"{Left}\" x2=\"{Right}\" y1=\"{Y(share):0.##}\" y2=\"{Y(share):0.##}\"/><text x=\"{Left - 6}\" y=\"{Y(share) + 4:0.##}\" text-anchor=\"end\">{share:0 %}</text>");
            page.Add($"<text x=\"{X(share):0.##}\" y=\"{Bottom + 20}\" text-anchor=\"{(share == 1 ? "end" : "middle")}\">{share:0 %}</text>");
        }

        page.Add($"<line class=\"chance\" x1=\"{X(0)}\" x2=\"{X(1)}\" y1=\"{Y(0)}\" y2=\"{Y(1)}\"/>");
        page.Add($"<polyline class=\"curve\" points=\"{string.Join(' ', bins.Select(bin => Invariant($"{X(bin.Confidence):0.##},{Y(bin.Accuracy):0.##}")))}\"/>");
        int most = bins.Max(bin => bin.Count);
        foreach ((double confidence, double accuracy, int count) in bins)
            page.Add($"<circle class=\"dot\" cx=\"{X(confidence):0.##}\" cy=\"{Y(accuracy):0.##}\" r=\"{3 + (6 * Math.Sqrt((double)count / most)):0.##}\"/>");
        page.AddMarkup("<text x=\"237\" y=\"206\" text-anchor=\"middle\">probability of the chosen answer →</text><text x=\"50\" y=\"26\">↑ share that is right</text></svg></figure>\n");
    }

    private static double X(double share) => Left + ((Right - Left) * share);

    private static double Y(double share) => Bottom - ((Bottom - Top) * share);
}
