using System.CommandLine;
using Llama2.Cli.Options;
using Llama2.Cli.Terminal;

namespace Llama2.Cli.Commands;

/// <summary><c>llama2 remove</c>: deletes a model or a data set that was pulled.</summary>
internal sealed class RemoveCommand(ConsoleHost host)
{
    public const string Examples = """
        llama2 remove owner/repository:Q4_K_M
        """;

    private readonly Argument<string> _name = ModelReferenceArgument.Create("NAME", "The model or data set, as 'llama2 list' names it, including one whose pull was interrupted.");

    public Command Create()
    {
        var command = new Command("remove", "Deletes a model or a data set that was pulled.") { _name };
        command.SetAction(Run);
        return command;
    }

    private int Run(ParseResult result)
    {
        string name = result.GetRequiredValue(_name);
        using var store = new LlamaModelStore(host.StoreOptions);
        return store.Remove(LlamaModelReference.Parse(name))
            ? ExitCodes.Success
            : throw new CommandException($"There is no pulled model or data set '{name}'; 'llama2 list' shows them.");
    }
}
