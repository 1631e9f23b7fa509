using System.CommandLine;
using System.CommandLine.Completions;
using System.CommandLine.Parsing;
using Llama2.Cli.Output;
using Llama2.Cli.Terminal;

namespace Llama2.Cli.Options;

/// <summary>
/// Creates options whose value is one of several words; the user may write it in upper or lower case, and without hyphens. The help shows words in lower case, and names
/// of types as GGML writes them, such as Q4_K_M.
/// </summary>
internal static class ChoiceOption
{
    /// <summary>Creates an option. If it is not required and not given, its value is null.</summary>
    /// <param name="name">The option.</param>
    /// <param name="helpName">The placeholder for the value in the help.</param>
    /// <param name="description">A line of the help, without its full stop.</param>
    /// <param name="choices">The words.</param>
    /// <param name="isRequired">Whether the option must be given.</param>
    /// <param name="defaultText">The description of the default value in the help; null if the help states no default.</param>
    public static Option<string> Create(string name, string helpName, string description, IReadOnlyList<string> choices, bool isRequired = true, string? defaultText = null) => new(name)
    {
        Description = Describe(description, choices, defaultText),
        HelpName = helpName,
        Required = isRequired,
        Arity = ArgumentArity.ExactlyOne,
        CustomParser = result => Find(result, name, choices),
        CompletionSources = { _ => Items(choices) },
    };

    /// <summary>Creates an argument that takes a value of an enumeration.</summary>
    public static Argument<T> CreateArgument<T>(string name, string description)
        where T : struct, Enum
    {
        string[] choices = Words(Enum.GetValues<T>());
        return new Argument<T>(name)
        {
            HelpName = name,
            Description = Describe(description, choices, null),
            CustomParser = result => Suggestion.RefuseOption(result) || Find(result, name, choices) is not { } choice ? default : Enum.Parse<T>(choice, ignoreCase: true),
            CompletionSources = { _ => Items(choices) },
        };
    }

    /// <summary>Creates an argument that takes one of several words.</summary>
    public static Argument<string> CreateArgument(string name, string description, IReadOnlyList<string> choices) => new(name)
    {
        HelpName = name,
        Description = Describe(description, choices, null),
        CustomParser = result => Suggestion.RefuseOption(result) ? null : Find(result, name, choices),
        CompletionSources = { _ => Items(choices) },
    };

    /// <summary>Creates an option that takes one of several values of an enumeration; its value is null if it is not given.</summary>
    public static Option<T?> Create<T>(string name, string helpName, string description, IReadOnlyList<T> values, bool isRequired = false, string? defaultText = null)
        where T : struct, Enum => Create(name, helpName, description, values, Words(values), isRequired, defaultText);

    /// <summary>Creates an option that takes one of several values, each of which has a word; its value is null if it is not given.</summary>
    public static Option<T?> Create<T>(string name, string helpName, string description, IReadOnlyList<T> values, string[] choices, bool isRequired, string? defaultText)
        where T : struct
    {
        return new Option<T?>(name)
        {
            Description = Describe(description, choices, defaultText),
            HelpName = helpName,
            Required = isRequired,
            CustomParser = result => Find(result, name, choices) is { } choice ? values[Array.IndexOf(choices, choice)] : null,
            CompletionSources = { _ => Items(choices) },
        };
    }

    /// <summary>Creates an option that takes a value of an enumeration; its value is null if it is not given.</summary>
    public static Option<T?> Create<T>(string name, string helpName, string description, bool isRequired = false, string? defaultText = null)
        where T : struct, Enum => Create(name, helpName, description, Enum.GetValues<T>(), isRequired, defaultText);

    private static string Describe(string description, IReadOnlyList<string> choices, string? defaultText) =>
        $"{description}. One of {string.Join(", ", choices)}{(defaultText is null ? "" : $"; default {defaultText}")}.";

    // A name with a lower-case letter is written in lower case, like the words of other options: 'Skip' becomes 'skip'. A name such as 'Q4_K_M' stays
    // unchanged.
    private static string[] Words<T>(IReadOnlyList<T> values)
        where T : struct, Enum =>
        [.. values.Select(value => value.ToString()).Select(word => word.Any(char.IsLower) ? word.ToLowerInvariant() : word)];

    private static IEnumerable<CompletionItem> Items(IReadOnlyList<string> choices) => choices.Select(choice => new CompletionItem(choice));

    private static string? Find(ArgumentResult result, string name, IReadOnlyList<string> choices)
    {
        string text = result.Tokens[0].Value;
        string? choice = choices.FirstOrDefault(choice => WithoutHyphens(choice).Equals(WithoutHyphens(text), StringComparison.OrdinalIgnoreCase));
        if (choice is null)
        {
            result.AddError($"{name}: '{PrintableText.Shorten(text, 40)}' is not one of {string.Join(", ", choices)}.");
        }

        return choice;
    }

    private static string WithoutHyphens(string word) => word.Replace("-", "", StringComparison.Ordinal);
}
