using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Llama2.Cli.Input;
using Llama2.Cli.Options;
using Llama2.Cli.Output;
using Llama2.Cli.Terminal;
using Llama2.Training;

namespace Llama2.Cli.Training;

/// <summary>The options that name adapters with which training begins.</summary>
internal sealed class AdapterSettings
{
    // With --adapter, these are properties of the adapter.
    private static readonly string[] s_properties = ["--rank", "--alpha", "--rslora", "--targets", "--rank-pattern", "--alpha-pattern"];

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

    private readonly Option<string[]> _ranks = PatternOption("--rank-pattern", "Ranks", "PATTERN=N", text => new LoraOptions { RankPattern = [Rank(text)] });

    private readonly Option<string[]> _alphas = PatternOption("--alpha-pattern", "Alphas", "PATTERN=A", text => new LoraOptions { AlphaPattern = [Alpha(text)] });

    private readonly Option<bool> _dora = new("--dora") { Description = "Trains a magnitude for each row of the adapted matrices, too (DoRA). llama.cpp cannot use such an adapter until it is merged." };

    public AdapterSettings() => _frozen.Validators.Add(AdapterOption.Check);

    /// <summary>All options.</summary>
    public IEnumerable<Option> All => [_ranks, _alphas, _dora, _initial, _frozen];

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
        RankPattern = [.. (result.GetValue(_ranks) ?? []).Select(Rank)],
        AlphaPattern = [.. (result.GetValue(_alphas) ?? []).Select(Alpha)],
        UseWeightDecomposition = result.GetValue(_dora),
        InitialAdapterPath = result.GetValue(_initial) is { } path ? InputPath.RequireFileOrFolder(path) : null,
        FrozenAdapters = [.. (result.GetValue(_frozen) ?? []).Select(AdapterOption.Split).Select(adapter => (InputPath.RequireFileOrFolder(adapter.Path), adapter.Scale))],
    };

    private static Option<string[]> PatternOption(string name, string what, string form, Func<string, LoraOptions> read)
    {
        var option = new Option<string[]>(name)
        {
            Description = $"{what} of modules whose names end with PATTERN, or match it as a regular expression; the first that matches applies. May be given several times.",
            HelpName = form,
            Arity = ArgumentArity.OneOrMore,
            AllowMultipleArgumentsPerToken = false,
        };
        option.Validators.Add(result =>
        {
            foreach (Token token in result.Tokens)
            {
                try
                {
                    read(token.Value);
                }
                catch (Exception exception) when (exception is FormatException or ArgumentException or OverflowException)
                {
                    result.AddError(exception is ArgumentException ? $"{name}: {ErrorSentence.Of(exception)}" : $"{name}: '{PrintableText.Shorten(token.Value, 80)}' is not of the form {form}.");
                }
            }
        });
        return option;
    }

    private static (string Pattern, int Rank) Rank(string text) => (Pattern(text), int.Parse(Value(text), NumberStyles.None, CultureInfo.InvariantCulture));

    private static (string Pattern, float Alpha) Alpha(string text) => (Pattern(text), float.Parse(Value(text), NumberStyles.Float, CultureInfo.InvariantCulture));

    private static string Pattern(string text) => text[..Math.Max(0, text.LastIndexOf('='))];

    private static string Value(string text) => text[(text.LastIndexOf('=') + 1)..];
}
