using System.Text;
using Llama2.Evaluation.Reports.Pages;

namespace Llama2.Evaluation;

/// <summary>
/// Writes reports and comparisons as one page of HTML for people: scores with confidence intervals, charts, and some of the examples. The page needs no
/// other file, loads nothing and has no script; it adapts to light and dark colours, to phones and to paper. Texts of models and data sets are shown as
/// data. The size is bounded: long texts are cut off, and only some examples are shown. Thread-safe.
/// </summary>
public static class HtmlReport
{
    /// <summary>Writes the page of a report.</summary>
    /// <param name="report">The report.</param>
    /// <param name="stream">Receives UTF-8; it stays open.</param>
    public static void Write(EvaluationReport report, Stream stream)
    {
        ArgumentNullException.ThrowIfNull(report);
        ArgumentNullException.ThrowIfNull(stream);
        using StreamWriter writer = CreateWriter(stream);
        ReportPage.Write(writer, report);
    }

    /// <summary>Writes the page of a comparison.</summary>
    /// <param name="comparison">The comparison.</param>
    /// <param name="stream">Receives UTF-8; it stays open.</param>
    public static void Write(EvaluationComparison comparison, Stream stream)
    {
        ArgumentNullException.ThrowIfNull(comparison);
        ArgumentNullException.ThrowIfNull(stream);
        using StreamWriter writer = CreateWriter(stream);
        ComparisonPage.Write(writer, comparison);
    }

    private static StreamWriter CreateWriter(Stream stream) => new(stream, new UTF8Encoding(false), 1 << 16, leaveOpen: true);
}
