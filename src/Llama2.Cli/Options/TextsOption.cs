using System.CommandLine;
using System.CommandLine.Parsing;
using Llama2.Cli.Terminal;

namespace Llama2.Cli.Options;

/// <summary>An option that takes a text and may be given several times. The library's own options check the texts.</summary>
/// <param name="name">The option, such as <c>--stop</c>.</param>
/// <param name="description">A line of the help.</param>
/// <param name="use">Passes the texts to the library; an <see cref="ArgumentException"/> is reported as wrong usage.</param>
internal sealed class TextsOption(string name, string description, Func<string[], object> use)
{
    public Option<string[]> Option { get; } = new(name)
    {
        Description = description,
        HelpName = "TEXT",
        Arity = ArgumentArity.OneOrMore,
        AllowMultipleArgumentsPerToken = false,
    };

    /// <summary>The texts; null if the option is not given.</summary>
    public string[]? Read(ParseResult result) => result.GetResult(Option) is null ? null : result.GetValue(Option);

    /// <summary>Checks the option. A validator of the command calls this.</summary>
    public void Check(CommandResult result)
    {
        // Each occurrence of the option must have one text. The parser checks only that the option has at least one text in total.
        if (result.GetResult(Option) is { } texts && texts.IdentifierTokenCount > texts.Tokens.Count)
        {
            result.AddError(OptionFault.Missing(name, Option.HelpName));
        }

        try
        {
            _ = use(result.GetValue(Option) ?? []);
        }
        catch (ArgumentException exception)
        {
            result.AddError(ErrorSentence.OfOption(name, exception));
        }
    }
}
