using static System.FormattableString;

namespace Llama2;

/// <summary>Too little of the adapters' change would survive in the weights of the merged model, so the model was not written.</summary>
public sealed class AdapterMergeException : LlamaException
{
    internal AdapterMergeException(string targetPath, AdapterMergeReport report, double limit)
        : base(Message(targetPath, report, limit))
    {
        TargetPath = targetPath;
        Report = report;
        Limit = limit;
    }

    /// <summary>The model that was not written.</summary>
    public string TargetPath { get; }

    /// <summary>What would have survived.</summary>
    public AdapterMergeReport Report { get; }

    /// <summary>The minimum fraction that must survive; see <see cref="AdapterMergeOptions.MinSurvival"/>.</summary>
    public double Limit { get; }

    private static new string Message(string targetPath, AdapterMergeReport report, double limit)
    {
        MergedMatrix worst = report.Matrices.MinBy(matrix => matrix.Survival)!;
        return Invariant($"""
            '{targetPath}' was not written: {report.Survival:P0} of the adapters' change would survive the rounding to its types (least: {worst.Survival:P0} in '{worst.Name}', {worst.Type}), and at least {limit:P0} must. Use the adapters at run time without merging, merge them into the original model that is not quantized, write F16 or Q8_0, or accept the loss ({nameof(AdapterMergeOptions)}.{nameof(AdapterMergeOptions.MinSurvival)}, --min-survival).
            """);
    }
}
