using System.CommandLine;
using System.CommandLine.Parsing;
using Llama2.Cli.Input;
using Llama2.Cli.Options;
using Llama2.Cli.Terminal;
using Llama2.Training;

namespace Llama2.Cli.Training;

/// <summary>The options that name adapters with which training begins.</summary>
internal sealed class AdapterSettings
{
    // With --adapter, these are properties of the adapter.
    private static readonly string[] s_properties = ["--rank", "--alpha", "--rslora"];

    private readonly Option<string?> _initial = new("--adapter")
    {
        Description = "Continues this adapter, a GGUF file or a PEFT folder, instead of beginning a new one; it has its own rank and alpha.",
        HelpName = "PATH",
    };

    private readonly Option<string[]> _frozen = new("--frozen-adapter")
    {
        Description = "Trains on top of this adapter, which stays unchanged; append =SCALE to scale it. May be given several times.",
        HelpName = "PATH[=SCALE]",
        Arity = ArgumentArity.OneOrMore,
        AllowMultipleArgumentsPerToken = false,
    };

    public AdapterSettings() => _frozen.Validators.Add(AdapterOption.Check);

    /// <summary>All options.</summary>
    public IEnumerable<Option> All => [_initial, _frozen];

    /// <summary>Checks the options before the command runs.</summary>
    public void Check(CommandResult result)
    {
        foreach (Option option in All.Where(option => result.GetResult(option) is { Implicit: false }))
        {
            if (result.GetValue<bool>("--full"))
            {
                result.AddError($"{option.Name} is for training an adapter: do not give --full.");
            }
        }

        if (result.GetResult(_initial) is not null && s_properties.FirstOrDefault(name => result.GetResult(name) is OptionResult { Implicit: false }) is { } property)
        {
            result.AddError($"{property} is a property of the adapter that --adapter continues: do not give it.");
        }
    }

    /// <summary>The files and folders that the options name.</summary>
    public IReadOnlyList<string> Paths(ParseResult result)
        => [.. result.GetValue(_initial) is { } path ? [path] : (string[])[], .. (result.GetValue(_frozen) ?? []).Select(text => AdapterOption.Split(text).Path)];

    /// <summary>Adds the adapters to the options for training.</summary>
    /// <exception cref="CommandException">There is no such file or folder.</exception>
    public LoraOptions Read(ParseResult result, LoraOptions options) => options with
    {
        InitialAdapterPath = result.GetValue(_initial) is { } path ? InputPath.RequireFileOrFolder(path) : null,
        FrozenAdapters = [.. (result.GetValue(_frozen) ?? []).Select(AdapterOption.Split).Select(adapter => (InputPath.RequireFileOrFolder(adapter.Path), adapter.Scale))],
    };
}
