using System.CommandLine;
using System.CommandLine.Parsing;
using Llama2.Cli.Output;
using Llama2.Cli.Terminal;
using Llama2.Training;

namespace Llama2.Cli.Options;

/// <summary>Creates the option that names the matrices to which adapters are added, by PEFT's names for them.</summary>
internal static class TargetsOption
{
    private static readonly (string Name, LoraTargets Targets)[] s_names =
    [
        ("all", LoraTargets.All),
        ("q_proj", LoraTargets.Query),
        ("k_proj", LoraTargets.Key),
        ("v_proj", LoraTargets.Value),
        ("o_proj", LoraTargets.AttentionOutput),
        ("gate_proj", LoraTargets.Gate),
        ("up_proj", LoraTargets.Up),
        ("down_proj", LoraTargets.Down),
    ];

    public static Option<LoraTargets?> Create() => new("--targets")
    {
        Description = $"The matrices of each layer that get adapters, separated by commas. Some of {string.Join(", ", s_names.Select(name => name.Name))}; default all.",
        HelpName = "NAMES",
        Arity = ArgumentArity.OneOrMore,
        AllowMultipleArgumentsPerToken = false,
        CustomParser = Parse,
        CompletionSources = { _ => s_names.Select(name => new System.CommandLine.Completions.CompletionItem(name.Name)) },
    };

    private static LoraTargets? Parse(ArgumentResult result)
    {
        LoraTargets targets = LoraTargets.None;
        foreach (string word in result.Tokens.SelectMany(token => token.Value.Split(',', StringSplitOptions.TrimEntries)))
        {
            LoraTargets found = Array.Find(s_names, name => name.Name.Equals(word, StringComparison.OrdinalIgnoreCase)).Targets;
            if (found == LoraTargets.None)
            {
                string meant = Suggestion.Find(word, s_names.Select(name => name.Name)) is { } known ? $" Did you mean '{known}'?" : "";
                result.AddError($"--targets: '{PrintableText.Shorten(word, 40)}' is not one of {string.Join(", ", s_names.Select(name => name.Name))}.{meant}");
                return null;
            }

            targets |= found;
        }

        return targets;
    }
}
