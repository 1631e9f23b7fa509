using System.CommandLine;
using System.CommandLine.Parsing;

namespace Llama2.Cli.Options;

/// <summary>The options for choosing the next token, in the order in which the help lists them.</summary>
internal sealed class SamplingOptions
{
    private static readonly GenerationOptions s_defaults = new();

    private readonly Option<float?> _temperature = NumberOption.Create<float>(
        "--temperature", "T", "0 always takes the likeliest token; higher values give more varied texts. 0 to 100.",
        value => s_defaults with { Temperature = value }, s_defaults.Temperature, "-t");

    private readonly Option<ulong?> _seed = NumberOption.Create<ulong>(
        "--seed", "S", "The seed of the random draws: the same seed gives the same text. Default: random.",
        value => s_defaults with { Seed = value }, null, "-s");

    private readonly Option<int?> _topK = NumberOption.Create<int>(
        "--top-k", "K", "Draws only from the K likeliest tokens; 0 draws from all tokens.", value => s_defaults with { TopK = value }, s_defaults.TopK);

    private readonly Option<float?> _topP = NumberOption.Create<float>(
        "--top-p", "P", "Draws from the fewest tokens whose probabilities add up to P; 1 draws from all tokens.",
        value => s_defaults with { TopP = value }, s_defaults.TopP);

    private readonly Option<float?> _minP = NumberOption.Create<float>(
        "--min-p", "P", "Draws from tokens that are at least P times as likely as the likeliest token; 0 draws from all tokens.",
        value => s_defaults with { MinP = value }, s_defaults.MinP);

    private readonly Option<float?> _repetitionPenalty = NumberOption.Create<float>(
        "--repetition-penalty", "R", "Above 1, recent tokens become less likely; 1 is off.",
        value => s_defaults with { RepetitionPenalty = value }, s_defaults.RepetitionPenalty);

    private readonly Option<float?> _dryMultiplier = NumberOption.Create<float>(
        "--dry-multiplier", "M", "Makes continuing a repetition less likely (DRY); 0 is off, 0.8 is usual.",
        value => s_defaults with { DryMultiplier = value }, s_defaults.DryMultiplier);

    private readonly Option<float?> _dryBase = NumberOption.Create<float>(
        "--dry-base", "B", "The factor by which DRY's penalty grows with each token.", value => s_defaults with { DryBase = value }, s_defaults.DryBase);

    private readonly Option<int?> _dryAllowedLength = NumberOption.Create<int>(
        "--dry-allowed-length", "N", "Tokens of the shortest repetition that DRY penalizes.",
        value => s_defaults with { DryAllowedLength = value }, s_defaults.DryAllowedLength);

    private readonly Option<int?> _dryWindow = NumberOption.Create<int>(
        "--dry-window", "N", "How many of the last tokens DRY considers. Default: all.", value => s_defaults with { DryWindow = value });

    private readonly TextsOption _dryBreakers = new(
        "--dry-breaker", "A text at which repetitions end for DRY. It replaces the default texts: line break, :, \" and *. May be given several times.",
        texts => s_defaults with { DrySequenceBreakers = texts });

    private readonly Option<float?> _xtcProbability = NumberOption.Create<float>(
        "--xtc-probability", "P", "The probability that a step excludes all top choices except the least likely (XTC); 0 is off.",
        value => s_defaults with { XtcProbability = value }, s_defaults.XtcProbability);

    private readonly Option<float?> _xtcThreshold = NumberOption.Create<float>(
        "--xtc-threshold", "P", "The minimum probability of a top choice for XTC.", value => s_defaults with { XtcThreshold = value }, s_defaults.XtcThreshold);

    private readonly Option<float?> _dynamicTemperatureRange = NumberOption.Create<float>(
        "--dynamic-temperature-range", "R", "How far the temperature moves down when the model is certain, and up when it is not; 0 is off.",
        value => s_defaults with { DynamicTemperatureRange = value }, s_defaults.DynamicTemperatureRange);

    private readonly Option<float?> _dynamicTemperatureExponent = NumberOption.Create<float>(
        "--dynamic-temperature-exponent", "E", "The exponent of the entropy that the dynamic temperature follows.",
        value => s_defaults with { DynamicTemperatureExponent = value }, s_defaults.DynamicTemperatureExponent);

    private readonly Option<float?> _mirostatTau = NumberOption.Create<float>(
        "--mirostat-tau", "BITS", "The target surprise per token of Mirostat 2, which replaces top-k, top-p, min-p and XTC; 0 is off, 5 is usual.",
        value => s_defaults with { MirostatTau = value }, s_defaults.MirostatTau);

    private readonly Option<float?> _mirostatEta = NumberOption.Create<float>(
        "--mirostat-eta", "E", "How fast Mirostat learns.", value => s_defaults with { MirostatEta = value }, s_defaults.MirostatEta);

    public IReadOnlyList<Option> All =>
    [
        _temperature, _seed, _topK, _topP, _minP, _repetitionPenalty, _dryMultiplier, _dryBase, _dryAllowedLength, _dryWindow, _dryBreakers.Option,
        _xtcProbability, _xtcThreshold, _dynamicTemperatureRange, _dynamicTemperatureExponent, _mirostatTau, _mirostatEta,
    ];

    /// <summary>Calls <see cref="TextsOption.Check"/> for the options that take texts.</summary>
    public void Check(CommandResult result) => _dryBreakers.Check(result);

    public GenerationOptions Read(ParseResult result) => new()
    {
        Temperature = Value(result, _temperature),
        Seed = result.GetValue(_seed),
        TopK = Value(result, _topK),
        TopP = Value(result, _topP),
        MinP = Value(result, _minP),
        RepetitionPenalty = Value(result, _repetitionPenalty),
        DryMultiplier = Value(result, _dryMultiplier),
        DryBase = Value(result, _dryBase),
        DryAllowedLength = Value(result, _dryAllowedLength),
        DryWindow = result.GetValue(_dryWindow),
        DrySequenceBreakers = _dryBreakers.Read(result) ?? s_defaults.DrySequenceBreakers,
        XtcProbability = Value(result, _xtcProbability),
        XtcThreshold = Value(result, _xtcThreshold),
        DynamicTemperatureRange = Value(result, _dynamicTemperatureRange),
        DynamicTemperatureExponent = Value(result, _dynamicTemperatureExponent),
        MirostatTau = Value(result, _mirostatTau),
        MirostatEta = Value(result, _mirostatEta),
    };

    private static T Value<T>(ParseResult result, Option<T?> option)
        where T : struct => result.GetRequiredValue(option)!.Value;
}
