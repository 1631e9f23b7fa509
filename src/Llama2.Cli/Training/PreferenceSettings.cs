using System.CommandLine;
using System.CommandLine.Parsing;
using Llama2.Cli.Options;
using Llama2.Cli.Terminal;
using Llama2.Training;

namespace Llama2.Cli.Training;

/// <summary>The options for learning preferences, in the order in which the help lists them.</summary>
internal sealed class PreferenceSettings
{
    private static readonly PreferenceOptions s_defaults = new();

    private readonly Option<PreferenceMethod?> _method = ChoiceOption.Create<PreferenceMethod>(
        "--method", "NAME", "How preferences are learned: from pairs of answers, or (kto) from answers with ratings", defaultText: "dpo for pairs");

    private readonly Option<double?> _beta = NumberOption.Create<double>(
        "--beta", "B", "The strength of the preference method; default 0.1, and 2 for simpo.", value => s_defaults with { Beta = value });

    private readonly Option<double?> _marginRatio = NumberOption.Create<double>(
        "--margin-ratio", "R", "With simpo, the target margin as a fraction of beta; default 0.5.", value => s_defaults with { MarginRatio = value });

    private readonly Option<double?> _desirable = NumberOption.Create<double>(
        "--desirable-weight", "W", "With kto, the weight of answers rated as desirable; default 1.", value => s_defaults with { DesirableWeight = value });

    private readonly Option<double?> _undesirable = NumberOption.Create<double>(
        "--undesirable-weight", "W", "With kto, the weight of answers rated as undesirable; default 1.", value => s_defaults with { UndesirableWeight = value });

    /// <summary>All options.</summary>
    public IEnumerable<Option> All => [_method, _beta, _marginRatio, _desirable, _undesirable];

    /// <summary>Checks the options before the command runs.</summary>
    public void Check(CommandResult result)
    {
        if (OptionFault.HasAny(result, _method) || OptionFault.HasAny(result, _marginRatio, _desirable, _undesirable))
        {
            return;
        }

        PreferenceMethod? method = result.GetValue(_method);
        foreach ((Option option, PreferenceMethod owner) in ((Option, PreferenceMethod)[])[(_marginRatio, PreferenceMethod.SimPo), (_desirable, PreferenceMethod.Kto), (_undesirable, PreferenceMethod.Kto)])
        {
            if (result.GetResult(option) is not null && method != owner)
            {
                result.AddError($"{option.Name} is for --method {owner.ToString().ToLowerInvariant()}.");
            }
        }
    }

    /// <summary>Reads the options; null if none was given.</summary>
    public PreferenceOptions? Read(ParseResult result) => All.All(option => result.GetResult(option) is null) ? null : new PreferenceOptions
    {
        Method = result.GetValue(_method) ?? s_defaults.Method,
        Beta = result.GetValue(_beta),
        MarginRatio = result.GetValue(_marginRatio) ?? s_defaults.MarginRatio,
        DesirableWeight = result.GetValue(_desirable) ?? s_defaults.DesirableWeight,
        UndesirableWeight = result.GetValue(_undesirable) ?? s_defaults.UndesirableWeight,
    };

    /// <summary>Checks that the data are those from which the method learns.</summary>
    /// <exception cref="CommandException">They are not, or the method needs a model for comparison that is not kept.</exception>
    public static void Require(TrainingDataset data, string dataPath, TrainingOptions options)
    {
        if (options.Preference is null && options.Lora is null && data.Pairs.Count > 0)
        {
            throw new CommandException($"'{dataPath}' has preferences, and --full changes the model with which they must be compared. Give --method dpo, which keeps a copy of the weights in memory, or orpo or simpo, which need no model for comparison.");
        }

        if (options.Preference is { Method: not PreferenceMethod.Kto } pairwise && data.Pairs.Count == 0)
        {
            throw new CommandException($"'{dataPath}' has no pairs of answers, from which --method {pairwise.Method.ToString().ToLowerInvariant()} learns. Give records with 'prompt', 'chosen' and 'rejected', or leave out --method and --beta.");
        }

        if (options.Preference is { Method: PreferenceMethod.Kto } && data is { Pairs.Count: 0, Samples.Count: < 2 })
        {
            throw new CommandException($"'{dataPath}' has one rated answer, and --method kto needs two or more, because it compares answers with those of other prompts.");
        }
    }
}
