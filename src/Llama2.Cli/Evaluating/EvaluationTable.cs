using System.Globalization;
using Llama2.Cli.Output;
using Llama2.Cli.Terminal;
using Llama2.Evaluation;

namespace Llama2.Cli.Evaluating;

/// <summary>The results of <c>llama2 evaluate</c> on standard output: groups first, then tasks, a line for each metric.</summary>
internal static class EvaluationTable
{
    public static void Write(ConsoleHost host, EvaluationReport report, bool isJson)
    {
        if (isJson)
        {
            HarnessResults.Write(report, host.OutputStream);
            host.OutputStream.Flush();
            return;
        }

        IEnumerable<(string Name, string Shots, MetricResult Result)> rows =
        [
            .. report.Groups.SelectMany(group => group.Metrics.Select(metric => (group.Group.Alias ?? group.Group.Name, "", metric))),
            .. report.Tasks.SelectMany(task => task.Metrics.Select(metric => (task.Info.Alias ?? task.Info.Name, $"{task.Info.FewShotCount}", metric))),
        ];
        TextTable.Write(host.Output, host.OutputWidth, ["task", "shots", "metric", "filter", "value", "stderr", "n"], [1, 4, 5, 6], rows, (row, cells) =>
        {
            cells[0].Append(PrintableText.SingleLine(row.Name));
            cells[1].Append(row.Shots);
            cells[2].Append(PrintableText.SingleLine(row.Result.Metric.Name)).Append(row.Result.Metric.HigherIsBetter ? " ↑" : " ↓");
            cells[3].Append(PrintableText.SingleLine(row.Result.Metric.Filter));
            cells[4].Append(TableFigure.Format(row.Result.Value));
            cells[5].Append(TableFigure.Format(row.Result.StandardError));
            cells[6].Append(CultureInfo.InvariantCulture, $"{row.Result.SampleCount:N0}");
        });
        if (report.TruncatedRequestCount > 0)
        {
            host.Error.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"llama2: {report.TruncatedRequestCount:N0} prompts are longer than the model's context, and lost their beginning. Fewer --shots make them shorter."));
        }
    }
}
