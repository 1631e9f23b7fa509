using System.Collections.Frozen;
using Microsoft.Extensions.AI;

namespace Llama2.Extensions.Chat;

/// <summary>
/// Reads <see cref="ChatOptions.AdditionalProperties"/>. Their keys may be the names of those properties of <see cref="GenerationOptions"/> that have
/// no counterpart in Microsoft.Extensions.AI, such as <c>MinP</c> or <c>min_p</c>. The name <c>grammar</c> stands for a constraint as text in GBNF;
/// unlike an <see cref="OutputConstraint"/>, this text can be stored with the options as JSON. Other keys are meant for other clients, and are
/// ignored.
/// </summary>
internal static class AdditionalOptions
{
    private static readonly FrozenDictionary<string, Func<GenerationOptions, object, GenerationOptions>> s_setters =
        new Dictionary<string, Func<GenerationOptions, object, GenerationOptions>>
        {
            [nameof(GenerationOptions.MinP)] = (options, value) => options with { MinP = OptionValue.ToSingle(value) },
            [nameof(GenerationOptions.TypicalP)] = (options, value) => options with { TypicalP = OptionValue.ToSingle(value) },
            [nameof(GenerationOptions.RepetitionPenalty)] = (options, value) => options with { RepetitionPenalty = OptionValue.ToSingle(value) },
            [nameof(GenerationOptions.PenaltyWindow)] = (options, value) => options with { PenaltyWindow = OptionValue.ToInt32(value) },
            [nameof(GenerationOptions.DynamicTemperatureRange)] = (options, value) => options with { DynamicTemperatureRange = OptionValue.ToSingle(value) },
            [nameof(GenerationOptions.DynamicTemperatureExponent)] = (options, value) => options with { DynamicTemperatureExponent = OptionValue.ToSingle(value) },
            [nameof(GenerationOptions.XtcProbability)] = (options, value) => options with { XtcProbability = OptionValue.ToSingle(value) },
            [nameof(GenerationOptions.XtcThreshold)] = (options, value) => options with { XtcThreshold = OptionValue.ToSingle(value) },
            [nameof(GenerationOptions.MirostatTau)] = (options, value) => options with { MirostatTau = OptionValue.ToSingle(value) },
            [nameof(GenerationOptions.MirostatEta)] = (options, value) => options with { MirostatEta = OptionValue.ToSingle(value) },
            [nameof(GenerationOptions.DryMultiplier)] = (options, value) => options with { DryMultiplier = OptionValue.ToSingle(value) },
            [nameof(GenerationOptions.DryBase)] = (options, value) => options with { DryBase = OptionValue.ToSingle(value) },
            [nameof(GenerationOptions.DryAllowedLength)] = (options, value) => options with { DryAllowedLength = OptionValue.ToInt32(value) },
            [nameof(GenerationOptions.DryWindow)] = (options, value) => options with { DryWindow = OptionValue.ToInt32(value) },
            [nameof(GenerationOptions.DrySequenceBreakers)] = (options, value) => options with { DrySequenceBreakers = OptionValue.ToStrings(value) },
            [nameof(GenerationOptions.LogitBias)] = (options, value) => options with { LogitBias = OptionValue.ToBiases(value) },
            [nameof(GenerationOptions.StopTokens)] = (options, value) => options with { StopTokens = [.. OptionValue.ToList(value).Select(OptionValue.ToInt32)] },
            [nameof(GenerationOptions.Constraint)] = (options, value) => options with { Constraint = (OutputConstraint)value },
            [nameof(GenerationOptions.AttentionSinkCount)] = (options, value) => options with { AttentionSinkCount = OptionValue.ToInt32(value) },
            [nameof(GenerationOptions.Adapters)] = (options, value) => options with { Adapters = [.. (IEnumerable<LlamaAdapterUse>)value] },
            [nameof(GenerationOptions.LogitProcessors)] = (options, value) => options with { LogitProcessors = [.. (IEnumerable<LogitProcessorStep>)value] },
            [nameof(GenerationOptions.ReusePrefix)] = (options, value) => options with { ReusePrefix = OptionValue.ToBoolean(value) },
            [nameof(GenerationOptions.PrefixScope)] = (options, value) => options with { PrefixScope = OptionValue.ToText(value) },
            [nameof(GenerationOptions.LogProbabilities)] = (options, value) => options with { LogProbabilities = OptionValue.ToBoolean(value) },
            [nameof(GenerationOptions.TopLogProbabilityCount)] = (options, value) => options with { TopLogProbabilityCount = OptionValue.ToInt32(value) },
            [nameof(GenerationOptions.IgnoreEndOfSequence)] = (options, value) => options with { IgnoreEndOfSequence = OptionValue.ToBoolean(value) },
        }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    // Under this name, the constraint is given as text in GBNF, from which an OutputConstraint is made.
    private const string GrammarName = "Grammar";

    /// <summary>The names of the properties of <see cref="GenerationOptions"/> that can be set, without <c>grammar</c>.</summary>
    public static IReadOnlyCollection<string> Names => s_setters.Keys;

    /// <summary>Sets the named properties.</summary>
    /// <param name="properties">The names and values; null for none.</param>
    /// <param name="options">The options that are copied; the copy keeps the values of the properties that are not named.</param>
    /// <param name="adapters">The adapters that the properties may name.</param>
    /// <param name="constraints">The cache of the constraints that are made from grammars.</param>
    /// <exception cref="ArgumentException">A value is out of range, or does not have the type of the property.</exception>
    /// <exception cref="OutputConstraintException">A grammar cannot be used.</exception>
    public static GenerationOptions Apply(AdditionalPropertiesDictionary? properties, GenerationOptions options, AdapterSelection adapters, ConstraintCache constraints)
    {
        foreach ((string name, object? value) in properties ?? [])
        {
            string property = name.Replace("_", "", StringComparison.Ordinal);
            bool isGrammar = property.Equals(GrammarName, StringComparison.OrdinalIgnoreCase);
            if (value is not null && s_setters.TryGetValue(isGrammar ? nameof(GenerationOptions.Constraint) : property, out var set))
            {
                try
                {
                    object read = OptionValue.Normalize(value);
                    options = set(
                        options,
                        isGrammar ? constraints.Grammar(OptionValue.ToText(read))
                            : property.Equals(nameof(GenerationOptions.Adapters), StringComparison.OrdinalIgnoreCase) ? adapters.Read(OptionValue.ReadList(read))
                            : read);
                }
                catch (Exception exception) when (exception is InvalidCastException or FormatException or OverflowException or InvalidOperationException)
                {
                    throw new ArgumentException(
                        $"{nameof(ChatOptions)}.{nameof(ChatOptions.AdditionalProperties)}[\"{name}\"] is a {OptionValue.Describe(value)}, which {nameof(GenerationOptions)}'s property of that name does not accept.",
                        nameof(options), exception);
                }
            }
        }

        return options;
    }
}
