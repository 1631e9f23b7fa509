using System.Globalization;
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
            Append(1, result.Accuracy);
            Append(2, result.AccuracyStandardError);
            Append(3, result.NormalizedAccuracy);
            Append(4, result.NormalizedAccuracyStandardError);

            void Append(int cell, double? value) => cells[cell].Append(value is { } number ? number.ToString("F4", CultureInfo.InvariantCulture) : "-");
        });
    }
}
