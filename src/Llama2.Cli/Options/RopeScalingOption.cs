using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Llama2.Cli.Output;
using Llama2.Cli.Terminal;
using static System.FormattableString;

namespace Llama2.Cli.Options;

/// <summary><c>--rope-scaling</c>: how a model's context is extended beyond the length that it was trained for.</summary>
internal static class RopeScalingOption
{
    private const string Name = "--rope-scaling";

    public static Option<RopeScaling?> Create() => new(Name)
    {
        HelpName = "TYPE:FACTOR",
        Description = "Extends the context beyond the trained length, 1 to 1,024 times: linear:2, ntk:2, dynamic:2, yarn:4, or none. Default: as the file states.",
        CustomParser = Parse,
    };

    /// <summary>A scaling in the syntax of the option.</summary>
    public static string Describe(RopeScaling scaling) => scaling.Type switch
    {
        RopeScalingType.None => "none",
        RopeScalingType.Linear => Invariant($"linear:{scaling.Factor}"),
        RopeScalingType.NtkAware => Invariant($"ntk:{scaling.Factor}"),
        RopeScalingType.DynamicNtk => Invariant($"dynamic:{scaling.Factor}"),
        _ => Invariant($"yarn:{scaling.Factor}"),
    };

    private static RopeScaling? Parse(ArgumentResult result)
    {
        string text = result.Tokens[0].Value;
        string[] parts = text.Split(':');
        Func<float, RopeScaling>? create = parts[0] switch
        {
            "linear" => RopeScaling.Linear,
            "ntk" => RopeScaling.NtkAware,
            "dynamic" => RopeScaling.DynamicNtk,
            "yarn" => factor => RopeScaling.Yarn(factor),
            _ => null,
        };
        if (text == "none")
        {
            return RopeScaling.None;
        }

        if (create is null || parts.Length != 2 || !float.TryParse(parts[1], NumberStyles.Float, CultureInfo.InvariantCulture, out float factor))
        {
            result.AddError($"{Name}: '{PrintableText.Shorten(text, 40)}' is not one of none, linear:FACTOR, ntk:FACTOR, dynamic:FACTOR and yarn:FACTOR.");
            return null;
        }

        try
        {
            return create(factor);
        }
        catch (ArgumentException exception)
        {
            result.AddError($"{Name}: '{PrintableText.Shorten(text, 40)}': {ErrorSentence.Of(exception)}");
            return null;
        }
    }
}
