using System.CommandLine;
using System.CommandLine.Completions;
using System.CommandLine.Parsing;
using Llama2.Cli.Output;
using Llama2.Cli.Terminal;

namespace Llama2.Cli.Options;

/// <summary>Creates options that take several names of a list, separated by commas; their values are combined.</summary>
internal static class NamesOption
{
    /// <summary>Creates an option. If it is not given, its value is null.</summary>
    /// <param name="name">The option.</param>
    /// <param name="description">A line of the help, without its full stop.</param>
    /// <param name="names">The names, and their values.</param>
    /// <param name="combine">Combines two values.</param>
    /// <param name="defaultText">The description of the default value in the help.</param>
    public static Option<T?> Create<T>(string name, string description, IReadOnlyList<KeyValuePair<string, T>> names, Func<T, T, T> combine, string defaultText)
        where T : struct => new(name)
        {
            Description = $"{description}, separated by commas. Some of {string.Join(", ", names.Select(known => known.Key))}; default {defaultText}.",
            HelpName = "NAMES",
            Arity = ArgumentArity.OneOrMore,
            AllowMultipleArgumentsPerToken = false,
            CustomParser = result => Parse(result, name, names, combine),
            CompletionSources = { _ => names.Select(known => new CompletionItem(known.Key)) },
        };

    private static T? Parse<T>(ArgumentResult result, string name, IReadOnlyList<KeyValuePair<string, T>> names, Func<T, T, T> combine)
        where T : struct
    {
        T? combined = null;
        foreach (string word in result.Tokens.SelectMany(token => token.Value.Split(',', StringSplitOptions.TrimEntries)))
        {
            int index = names.ToList().FindIndex(known => known.Key.Equals(word, StringComparison.OrdinalIgnoreCase));
            if (index < 0)
            {
                string meant = Suggestion.Find(word, names.Select(known => known.Key)) is { } other ? $" Did you mean '{other}'?" : "";
                result.AddError($"{name}: '{PrintableText.Shorten(word, 40)}' is not one of {string.Join(", ", names.Select(known => known.Key))}.{meant}");
                return null;
            }

            combined = combined is { } before ? combine(before, names[index].Value) : names[index].Value;
        }

        return combined;
    }
}
