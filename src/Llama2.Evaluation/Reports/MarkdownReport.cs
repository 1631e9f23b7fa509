using Llama2.Evaluation.Reports;

namespace Llama2.Evaluation;

/// <summary>Writes reports and comparisons as tables in Markdown; the table of a report has the form of lm-evaluation-harness' tables. Thread-safe.</summary>
public static class MarkdownReport
{
    /// <summary>Writes a table of all tasks, and one of the groups if there are any.</summary>
    /// <param name="report">The report.</param>
    /// <param name="writer">Receives the tables.</param>
    public static void Write(EvaluationReport report, TextWriter writer)
    {
        ArgumentNullException.ThrowIfNull(report);
        ArgumentNullException.ThrowIfNull(writer);
        HarnessTable.Write(report, writer);
    }

    /// <summary>Writes a table of all differences.</summary>
    /// <param name="comparison">The comparison.</param>
    /// <param name="writer">Receives the table.</param>
    public static void Write(EvaluationComparison comparison, TextWriter writer)
    {
        ArgumentNullException.ThrowIfNull(comparison);
        ArgumentNullException.ThrowIfNull(writer);
        ComparisonTable.Write(comparison, writer);
    }
}
