using System.CommandLine;
using System.CommandLine.Parsing;
using Llama2.Cli.Output;
using Llama2.Cli.Terminal;
using Llama2.Training;

namespace Llama2.Cli.Options;

/// <summary>Creates the option that names the matrices that are trained as a whole and stored in the adapter, by PEFT's names for them.</summary>
internal static class SavedModulesOption
{
    private static readonly (string Name, SavedModules Modules)[] s_names = [("embed_tokens", SavedModules.TokenEmbedding), ("lm_head", SavedModules.Output)];

    public static Option<SavedModules> Create() => new("--save-modules")
    {
        Description = $"The matrices that are trained as a whole and stored in the adapter, separated by commas. Some of {string.Join(", ", s_names.Select(name => name.Name))}; default none, or both if tokens are added.",
        HelpName = "NAMES",
        Arity = ArgumentArity.OneOrMore,
        AllowMultipleArgumentsPerToken = false,
        CustomParser = Parse,
        CompletionSources = { _ => s_names.Select(name => new System.CommandLine.Completions.CompletionItem(name.Name)) },
    };

    private static SavedModules Parse(ArgumentResult result)
    {
        SavedModules modules = SavedModules.None;
        foreach (string word in result.Tokens.SelectMany(token => token.Value.Split(',', StringSplitOptions.TrimEntries)))
        {
            SavedModules found = Array.Find(s_names, name => name.Name.Equals(word, StringComparison.OrdinalIgnoreCase)).Modules;
            if (found == SavedModules.None)
            {
                string meant = Suggestion.Find(word, s_names.Select(name => name.Name)) is { } known ? $" Did you mean '{known}'?" : "";
                result.AddError($"--save-modules: '{PrintableText.Shorten(word, 40)}' is not one of {string.Join(", ", s_names.Select(name => name.Name))}.{meant}");
                return SavedModules.None;
            }

            modules |= found;
        }

        return modules;
    }
}
