using System.CommandLine.Parsing;
using static System.FormattableString;

namespace Llama2.Cli.Options;

/// <summary>What is wrong with an option, in the words of the other messages in place of the parser's.</summary>
internal static class OptionFault
{
    /// <summary>A sentence with the option, its value and what is allowed.</summary>
    /// <param name="error">What the parser found, or an option's own check.</param>
    public static string Describe(ParseError error)
    {
        var result = error.SymbolResult as OptionResult ?? error.SymbolResult?.Parent as OptionResult;
        return result is null ? error.Message
            : result.IdentifierTokenCount == 0 && result.Tokens.Count == 0 ? $"{result.Option.Name} is missing; give {result.Option.Name} {result.Option.HelpName}."
            : result.Tokens.Count < result.Option.Arity.MinimumNumberOfValues ? Missing(result.Option.Name, result.Option.HelpName)
            : result.Tokens.Count > result.Option.Arity.MaximumNumberOfValues ? Invariant($"{result.Option.Name} is given {result.Tokens.Count:N0} times; it takes one value.")
            : error.Message;
    }

    /// <summary>That an option has no value.</summary>
    /// <param name="name">The option.</param>
    /// <param name="helpName">What stands for the value in the help.</param>
    public static string Missing(string name, string? helpName) => $"{name} needs a value: {name} {helpName ?? "VALUE"}.";
}
