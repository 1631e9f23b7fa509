using System.Globalization;

namespace Llama2.Evaluation.Tests.Reports;

public sealed class MarkdownReportTests
{
    // Written by hand after the rules of lm_eval.utils.make_table: groups before their tasks, which are indented and sorted by name; metrics sorted by
    // key; name and version in the first row of an entry only; four digits; arrows; N/A.
    [Fact]
    public void Write_GroupAndTasks_IsTheTableOfTheHarness()
    {
        TaskReport first = ReportSamples.Choices("zebras", true, true, false, true), second = ReportSamples.Choices("colours", false);
        EvaluationReport report = ReportSamples.Report("m", first, second, ReportSamples.Perplexity("alone", (-4, 2), (-2, 2)))
            with
        { Groups = [ReportSamples.Group("all", isWeighted: true, first, second)] };

        Write(report).Should().Be(
            """
            |  Tasks   |Version|Filter|n-shot|    Metric     |   |Value |   |Stderr|
            |----------|------:|------|-----:|---------------|---|-----:|---|-----:|
            |all       |      3|none  |     1|acc            |↑  |0.6000|±  |0.1250|
            | - Colours|      2|none  |     1|acc            |↑  |0.0000|±  |   N/A|
            |          |       |none  |     1|acc_norm       |↑  |1.0000|±  |   N/A|
            | - zebras |      2|none  |     1|acc            |↑  |0.7500|±  |0.2500|
            |          |       |none  |     1|acc_norm       |↑  |0.5000|±  |0.2887|
            |alone     |      2|none  |     0|word_perplexity|↓  |4.4817|±  |PPPPPP|

            |Groups|Version|Filter|n-shot|Metric|   |Value |   |Stderr|
            |------|------:|------|-----:|------|---|-----:|---|-----:|
            |all   |      3|none  |     1|acc   |↑  |0.6000|±  |0.1250|

            """.Replace("PPPPPP", report.Tasks[2].Metrics[0].StandardError!.Value.ToString("F4", CultureInfo.InvariantCulture), StringComparison.Ordinal));
    }

    [Fact]
    public void Write_GroupInSeveralGroups_IsShownOnce()
    {
        // Each group has all later ones: if it were shown in each, the last one would have 2¹¹ rows.
        TaskReport task = ReportSamples.Choices("t", true, false);
        GroupReport[] groups = [.. Enumerable.Range(0, 13).Select(i => ReportSamples.Group($"g{i:00}", isWeighted: true, task))];
        for (int i = 0; i < groups.Length; i++)
            groups[i] = groups[i] with { Group = groups[i].Group with { TaskNames = [.. groups[(i + 1)..].Select(group => group.Group.Name), "t"] } };

        string[] lines = Write(ReportSamples.Report("m", task) with { Groups = groups }).Split('\n');

        lines.Count(line => line.Contains("g12", StringComparison.Ordinal)).Should().Be(2, "it is in both tables");
    }

    [Fact]
    public void Write_NamesWithMarkup_StayInTheirCells()
    {
        TaskReport task = ReportSamples.Choices("a|b<script>\n[x](y)", true, false);

        string[] lines = Write(ReportSamples.Report("m", task)).Split('\n');

        lines[2].Should().StartWith(@"|a\|b&lt;script> \[x](y)|");
        lines.Should().HaveCount(5);
    }

    [Fact]
    public void Write_NameThatEndsWithABackslash_DoesNotHideTheNextCell()
        => Write(ReportSamples.Report("m", ReportSamples.Choices(@"back\", true, false))).Split('\n')[2].Should().StartWith(@"|back\\|");

    [Fact]
    public void Write_ComparisonOfModelsWhoseNamesAreMarkup_ShowsTheNames()
    {
        TaskReport task = ReportSamples.Choices("t", true, false);
        using var writer = new StringWriter();

        MarkdownReport.Write(EvaluationComparison.Compare(ReportSamples.Report(@"C:\models\a", task), ReportSamples.Report("[b](c)\n<d>", task)), writer);

        writer.ToString().Should().StartWith("A: C:\\\\models\\\\a\\\nB: \\[b](c) &lt;d>\n\n|");
    }

    [Fact]
    public void Write_Comparison_HasDifferencesAndTests()
    {
        EvaluationReport first = ReportSamples.Report("small", ReportSamples.Choices("t", true, false, false, false)), second = ReportSamples.Report("large", ReportSamples.Choices("t", true, true, true, true));
        using var writer = new StringWriter();

        MarkdownReport.Write(EvaluationComparison.Compare(first, second), writer);

        // McNemar: 3 to 0, so p is 2 / 2³; the interval is Student's quantile 3.1824 times √(0.25/4).
        writer.ToString().Should().StartWith("A: small\\\nB: large\n\n|Tasks|Filter| Metric |   |").And.Contain("|t    |none  |acc     |↑  |0.2500|1.0000|+0.7500|±0.7956|0.2500|    4|  0|  3|\n");
    }

    [Fact]
    public void Write_ComparisonWithATinyProbability_DoesNotCallItZero()
    {
        EvaluationReport first = ReportSamples.Report("small", ReportSamples.Choices("t", [.. Enumerable.Repeat(false, 20)])), second = ReportSamples.Report("large", ReportSamples.Choices("t", [.. Enumerable.Repeat(true, 20)]));
        using var writer = new StringWriter();

        MarkdownReport.Write(EvaluationComparison.Compare(first, second), writer);

        // McNemar: 20 to 0, so p is 2 / 2²⁰, 0.0000019.
        writer.ToString().Should().Contain("|&lt;0.0001|   20|  0| 20|");
    }

    private static string Write(EvaluationReport report)
    {
        using var writer = new StringWriter();
        MarkdownReport.Write(report, writer);
        return writer.ToString();
    }
}
