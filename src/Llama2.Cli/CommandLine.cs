using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using Llama2.Cli.Commands;
using Llama2.Cli.Options;
using Llama2.Cli.Output;
using Llama2.Cli.Terminal;
using Llama2.Cli.Training;

namespace Llama2.Cli;

/// <summary>The whole <c>llama2</c> command line: parses it, runs the command, and reports every failure by one line and an exit code.</summary>
internal static class CommandLine
{
    private static readonly ParserConfiguration s_parserConfiguration = new()
    {
        // A prompt may begin with '@'. By default the parser would treat such an argument as the name of a response file, a file with further
        // arguments.
        ResponseFileTokenReplacer = null,
    };

    // The commands, in the order in which the help lists them.
    private static readonly CommandEntry[] s_commands =
    [
        new("generate", static host => new GenerateCommand(host).Create(), GenerateCommand.Examples),
        new("chat", static host => new ChatCommand(host).Create(), ChatCommand.Examples),
        new("serve", static host => new ServeCommand(host).Create(), ServeCommand.Examples),
        new("key", static host => new KeyCommand(host).Create(), KeyCommand.Examples),
        new("health", static host => new HealthCommand(host).Create(), HealthCommand.Examples),
        new("tokenize", static host => new TokenizeCommand(host).Create(), TokenizeCommand.Examples),
        new("embed", static host => new EmbedCommand(host).Create(), EmbedCommand.Examples),
        new("constraint", static host => new ConstraintCommand(host).Create(), ConstraintCommand.Examples),
        new("template", static host => new TemplateCommand(host).Create(), TemplateCommand.Examples),
        new("perplexity", static host => new PerplexityCommand(host).Create(), PerplexityCommand.Examples),
        new("evaluate", static host => new EvaluateCommand(host).Create(), EvaluateCommand.Examples),
        new("redteam", static host => new RedTeamCommand(host).Create(), RedTeamCommand.Examples),
        new("compare", static host => new CompareCommand(host).Create(), CompareCommand.Examples),
        new("evaluate-tools", static host => new EvaluateToolsCommand(host).Create(), EvaluateToolsCommand.Examples),
        new("judge", static host => new JudgeCommand(host).Create(), JudgeCommand.Examples),
        new("logits", static host => LogitsCommand.Create(host), LogitsCommand.Examples),
        new("inspect", static host => new InspectCommand(host).Create(), InspectCommand.Examples),
        new("fits", static host => new FitsCommand(host).Create(), FitsCommand.Examples),
        new("adapter", static host => new AdapterCommand(host).Create(), AdapterCommand.Examples),
        new("bench", static host => new BenchCommand(host).Create(), BenchCommand.Examples),
        new("convert", static host => new ConvertCommand(host).Create(), ConvertCommand.Examples),
        new("quantize", static host => new QuantizeCommand(host).Create(), QuantizeCommand.Examples),
        new("imatrix", static host => new ImatrixCommand(host).Create(), ImatrixCommand.Examples),
        new("train", static host => new TrainCommand(host).Create(), TrainCommand.Examples),
        new("make-random", static host => new MakeRandomCommand(host).Create(), MakeRandomCommand.Examples),
        new("pull", static host => new PullCommand(host).Create(), PullCommand.Examples),
        new("list", static host => new ListCommand(host).Create(), ListCommand.Examples),
        new("remove", static host => new RemoveCommand(host).Create(), RemoveCommand.Examples),
        new("completion", static host => new CompletionCommand(host).Create(), CompletionCommand.Examples),
    ];

    /// <returns>The exit code, one of <see cref="ExitCodes"/>.</returns>
    /// <param name="arguments">The arguments, without the program's name.</param>
    /// <param name="host">The streams for input and output.</param>
    /// <param name="cancellationToken">Cancels the command.</param>
    public static async Task<int> RunAsync(IReadOnlyList<string> arguments, ConsoleHost host, CancellationToken cancellationToken)
    {
        arguments = WithHelpAsOption(arguments);
        TrainingRecipe? recipe;
        try
        {
            recipe = TrainCommand.ReadRecipe(arguments, host);
            arguments = recipe is null ? arguments : ["train", .. recipe.Arguments];
        }
        catch (Exception exception) when (ErrorSentence.Explains(exception))
        {
            return Report(host, ExitCodes.Failure, ErrorSentence.Of(exception), exception);
        }

        RootCommand root = Create(arguments, host);
        // Without arguments, the help is shown.
        ParseResult result = root.Parse(arguments.Count > 0 ? arguments : ["--help"], s_parserConfiguration);
        if (result.Action is ParseErrorAction || (result.Action is null && result.Errors.Count > 0))
        {
            return Report(host, ExitCodes.WrongUsage, $"{Located(UsageFault(result))} See: {NameOf(result.CommandResult)} --help");
        }

        try
        {
            var configuration = new InvocationConfiguration
            {
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null,
                Output = host.Output,
                Error = host.Error,
            };
            return await result.InvokeAsync(configuration, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return ExitCodes.Interrupted;
        }
        catch (ClosedPipeException)
        {
            return ExitCodes.ClosedPipe;
        }
        catch (Exception exception) when (ErrorSentence.Explains(exception))
        {
            return Report(host, ExitCodes.Failure, Located(ErrorSentence.Of(exception)), exception);
        }
#pragma warning disable CA1031 // Any other exception is caused by an error in this program; it is also reported in one line.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            return Report(
                host, ExitCodes.Failure, $"an error in this program; please report it with the output that the command writes with LLAMA2_DEBUG=1 ({exception.GetType().Name}: {exception.Message})", exception);
        }

        string Located(string message) => recipe?.Locate(message) ?? message;
    }

    /// <summary>
    /// Creates the root command with its subcommands. If the first argument names a subcommand, only that one is created. If the other subcommands
    /// and their options were created too, the JIT would have to compile more methods: a tenth of all methods that it compiles before the first
    /// token.
    /// </summary>
    public static RootCommand Create(IReadOnlyList<string> arguments, ConsoleHost host)
    {
        var root = new RootCommand("Runs models of the Llama 2 family offline on the CPU, and inspects their files.");
        var examples = new Dictionary<Command, string>
        {
            [root] = """
                llama2 generate model.gguf --prompt "Once upon a time"
                  llama2 chat model.gguf
                  llama2 serve model.gguf
                  llama2 inspect model.gguf
                  llama2 tokenize tokenizer.model --text "Hello world"
                """,
        };
        CommandEntry? only = arguments.Count > 0 ? Array.Find(s_commands, entry => entry.Name == arguments[0]) : null;
        foreach (CommandEntry entry in only is null ? s_commands : [only])
        {
            Command command = entry.Create(host);
            root.Add(command);
            examples.Add(command, entry.Examples);
        }

        HelpOption help = root.Options.OfType<HelpOption>().Single();
        help.Action = new HelpWithExamples((HelpAction)help.Action!, examples);
        return root;
    }

    // Converts 'help' and 'help generate', which git and dotnet also accept, to '--help' and 'generate --help'. If the word after 'help' is not a
    // command, it becomes the first argument, so that the parser reports it.
    private static string[] WithHelpAsOption(IReadOnlyList<string> arguments) => arguments.ToArray() switch
    {
        ["help"] => ["--help"],
        ["help", var first, .. var rest] => Array.Exists(s_commands, entry => entry.Name == first) ? [first, .. rest, "--help"] : [first, .. rest],
        var others => others,
    };

    // The full name of a command, such as llama2 adapter merge.
    private static string NameOf(CommandResult command) =>
        command.Parent is CommandResult parent ? $"{NameOf(parent)} {command.Command.Name}" : "llama2";

    private static string UsageFault(ParseResult result)
    {
        // Only the most informative error is reported. An error in an argument explains more than the unmatched arguments that it causes, and
        // unmatched arguments explain more than a missing command.
        ParseError? argumentFault = result.Errors.FirstOrDefault(fault => fault.SymbolResult is ArgumentResult);
        string[] missing = [.. result.CommandResult.Command.Arguments.Where(argument => argument.Arity.MinimumNumberOfValues > 0 && result.GetResult(argument) is not { Tokens.Count: > 0 }).Select(argument => argument.Name)];
        return missing.Length > 0 && result.UnmatchedTokens.Count == 0 ? $"{string.Join(" and ", missing)} {(missing.Length > 1 ? "are" : "is")} missing."
            : argumentFault is not null ? OptionFault.Describe(argumentFault)
            : result.UnmatchedTokens.Count == 0 && result.CommandResult.Command is { Action: null, Subcommands.Count: > 0 } group ? $"{group.Name} needs a command: {string.Join(" or ", group.Subcommands.Select(command => command.Name))}."
            : result.UnmatchedTokens.Count > 0 ? Suggestion.Unrecognized(result.UnmatchedTokens[0], result.CommandResult)
            : OptionFault.Describe(result.Errors[0]);
    }

    private static int Report(ConsoleHost host, int exitCode, string message, Exception? exception = null)
    {
        host.Error.WriteLine($"llama2: error: {PrintableText.SingleLine(message)}");
        if (host.IsDebugging && exception is not null)
        {
            host.Error.WriteLine(exception);
        }

        return exitCode;
    }

    private sealed record CommandEntry(string Name, Func<ConsoleHost, Command> Create, string Examples);
}
