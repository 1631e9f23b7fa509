using System.CommandLine;
using System.CommandLine.Parsing;
using static System.FormattableString;

namespace Llama2.Cli.Options;

/// <summary>Describes what is wrong with an option, in the style of the program's other messages, which differs from the parser's.</summary>
internal static class OptionFault
{
    /// <summary>
    /// Whether one of the options has a value that it does not take, such as a number out of its range. A command that checks combinations of options first checks this, because
    /// such a fault explains more; the parser finds it only when the value is read.
    /// </summary>
    public static bool HasAny<T>(CommandResult result, params IEnumerable<Option<T>> options)
    {
        try
        {
            foreach (Option<T> option in options)
                _ = result.GetValue(option);
            return false;
        }
        catch (InvalidOperationException)
        {
            // The parser reports the option's own error after this check.
            return true;
        }
    }

    /// <summary>Returns a sentence with the option, its value, and the values that are allowed.</summary>
    /// <param name="error">The error that the parser, or the option's own check, has found.</param>
    public static string Describe(ParseError error)
    {
        var result = error.SymbolResult as OptionResult ?? error.SymbolResult?.Parent as OptionResult;
        return result is null ? error.Message
            : result.IdentifierTokenCount == 0 && result.Tokens.Count == 0 ? $"{result.Option.Name} is missing; give {result.Option.Name} {result.Option.HelpName}."
            : result.Tokens.Count < result.Option.Arity.MinimumNumberOfValues ? Missing(result.Option.Name, result.Option.HelpName)
            : result.Tokens.Count > result.Option.Arity.MaximumNumberOfValues ? Invariant($"{result.Option.Name} is given {result.Tokens.Count:N0} times; it takes one value.")
            : error.Message;
    }

    /// <summary>Returns the message for an option without a value.</summary>
    /// <param name="name">The option.</param>
    /// <param name="helpName">The placeholder for the value in the help.</param>
    public static string Missing(string name, string? helpName) => $"{name} needs a value: {name} {helpName ?? "VALUE"}.";
}
