using System.CommandLine;
using System.CommandLine.Completions;
using System.CommandLine.Parsing;
using Llama2.Cli.Output;
using Llama2.Cli.Terminal;

namespace Llama2.Cli.Options;

/// <summary>Options that take one of several words, in upper or lower case; the help lists them.</summary>
internal static class ChoiceOption
{
    /// <summary>An option that is required, or that is null if it is not given.</summary>
    public static Option<string> Create(string name, string helpName, string description, IReadOnlyList<string> choices, bool isRequired = true) => new(name)
    {
        Description = $"{description}: {string.Join(", ", choices)}.",
        HelpName = helpName,
        Required = isRequired,
        Arity = ArgumentArity.ExactlyOne,
        CustomParser = result => Find(result, name, choices),
        CompletionSources = { _ => Items(choices) },
    };

    /// <summary>An argument that takes a value of an enumeration.</summary>
    public static Argument<T> CreateArgument<T>(string name, string description)
        where T : struct, Enum
    {
        string[] choices = Enum.GetNames<T>();
        return new Argument<T>(name)
        {
            HelpName = name,
            Description = $"{description}: {string.Join(", ", choices)}.",
            CustomParser = result => Suggestion.RefuseOption(result) || Find(result, name, choices) is not { } choice ? default : Enum.Parse<T>(choice),
            CompletionSources = { _ => Items(choices) },
        };
    }

    /// <summary>An argument that takes one of several words.</summary>
    public static Argument<string> CreateArgument(string name, string description, IReadOnlyList<string> choices) => new(name)
    {
        HelpName = name,
        Description = $"{description}: {string.Join(", ", choices)}.",
        CustomParser = result => Suggestion.RefuseOption(result) ? null : Find(result, name, choices),
        CompletionSources = { _ => Items(choices) },
    };

    /// <summary>An option that takes one of several values of an enumeration; null if it is not given.</summary>
    public static Option<T?> Create<T>(string name, string helpName, string description, IReadOnlyList<T> values, bool isRequired = false)
        where T : struct, Enum
    {
        string[] choices = [.. values.Select(value => value.ToString())];
        return new Option<T?>(name)
        {
            Description = $"{description}: {string.Join(", ", choices)}.",
            HelpName = helpName,
            Required = isRequired,
            CustomParser = result => Find(result, name, choices) is { } choice ? Enum.Parse<T>(choice) : null,
            CompletionSources = { _ => Items(choices) },
        };
    }

    /// <summary>An option that takes a value of an enumeration; null if it is not given.</summary>
    public static Option<T?> Create<T>(string name, string helpName, string description, bool isRequired = false)
        where T : struct, Enum => Create(name, helpName, description, Enum.GetValues<T>(), isRequired);

    private static IEnumerable<CompletionItem> Items(IReadOnlyList<string> choices) => choices.Select(choice => new CompletionItem(choice));

    private static string? Find(ArgumentResult result, string name, IReadOnlyList<string> choices)
    {
        string text = result.Tokens[0].Value;
        string? choice = choices.FirstOrDefault(choice => choice.Equals(text, StringComparison.OrdinalIgnoreCase));
        if (choice is null)
        {
            result.AddError($"{name}: '{PrintableText.Shorten(text, 40)}' is not one of {string.Join(", ", choices)}.");
        }

        return choice;
    }
}
