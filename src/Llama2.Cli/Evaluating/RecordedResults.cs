using Llama2.Cli.Output;
using Llama2.Cli.Terminal;
using Llama2.Evaluation;

namespace Llama2.Cli.Evaluating;

/// <summary>The output of <c>llama2 evaluate --recorded</c>.</summary>
internal static class RecordedResults
{
    public static void Write(ConsoleHost host, IReadOnlyList<RecordedMmluResult> results, bool isJson)
    {
        if (isJson)
        {
            RecordedMmlu.WriteJson(results, host.OutputStream);
            host.OutputStream.Write("\n"u8);
            host.OutputStream.Flush();
            return;
        }

        TextTable.Write(host.Output, host.OutputWidth, ["subject", "acc", "stderr", "acc_norm", "stderr"], [1, 2, 3, 4], results, (result, cells) =>
        {
            cells[0].Append(PrintableText.SingleLine(result.Subject));
            cells[1].Append(TableFigure.Format(result.Accuracy));
            cells[2].Append(TableFigure.Format(result.AccuracyStandardError));
            cells[3].Append(TableFigure.Format(result.NormalizedAccuracy));
            cells[4].Append(TableFigure.Format(result.NormalizedAccuracyStandardError));
        });
    }
}
