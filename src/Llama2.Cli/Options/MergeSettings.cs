using System.CommandLine;
using System.CommandLine.Parsing;
using Llama2.Cli.Output;
using Llama2.Cli.Terminal;
using static System.FormattableString;

namespace Llama2.Cli.Options;

/// <summary>The options for merging adapters into a model, shared by <c>train --type</c> and <c>adapter merge</c>.</summary>
internal sealed class MergeSettings
{
    private static readonly AdapterMergeOptions s_defaults = new();

    private readonly Option<bool> _allowRequantize = new("--allow-requantize") { Description = "Allows quantizing again those matrices that are already quantized and that the adapters do not change. This causes larger errors than quantizing the original." };

    private readonly Option<string> _rounding = ChoiceOption.Create(
        "--rounding", "METHOD", "How the weights of matrices that are already quantized are rounded: so that the adapters' change survives, or each weight to its nearest representable value", ["adapters", "nearest"], isRequired: false, "adapters");

    private readonly Option<double?> _minSurvival = NumberOption.Create<double>(
        "--min-survival", "PART", "The minimum fraction of the adapters' change that must survive rounding; if less survives, nothing is written.", value => s_defaults with { MinSurvival = value }, s_defaults.MinSurvival);

    private Option[] All => [_allowRequantize, _rounding, _minSurvival];

    /// <summary>The first of the options that was given; null if none was.</summary>
    public Option? FirstGiven(CommandResult result) => Array.Find(All, option => result.GetResult(option) is { Implicit: false });

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (Option option in All)
        {
            command.Add(option);
        }
    }

    /// <summary>Reads the options from the command line.</summary>
    public AdapterMergeOptions Read(ParseResult result, ModelQuantization? quantization) => s_defaults with
    {
        Quantization = quantization,
        AllowRequantize = result.GetValue(_allowRequantize),
        Rounding = result.GetValue(_rounding) == "nearest" ? MergeRounding.Nearest : MergeRounding.ForAdapters,
        MinSurvival = result.GetValue(_minSurvival)!.Value,
    };

    /// <summary>Says which part of the adapters' change survived, if the weights were rounded to a format that may lose it.</summary>
    public static void Tell(ConsoleHost host, AdapterMergeReport report)
    {
        if (report.Matrices.All(matrix => matrix.Type is "F32" or "F16") && report.Survival > 0.99)
        {
            return;
        }

        string least = report.Matrices.MinBy(matrix => matrix.Survival) is { } worst ? Invariant($" (least: {worst.Survival:P1} in '{worst.Name}', {worst.Type})") : "";
        host.Error.WriteLine(PrintableText.SingleLine(Invariant($"llama2: {report.Survival:P1} of the adapters' change survived in the written weights{least}")));
    }
}
