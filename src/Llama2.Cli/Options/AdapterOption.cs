using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Llama2.Cli.Input;
using Llama2.Cli.Output;
using Llama2.Cli.Terminal;

namespace Llama2.Cli.Options;

/// <summary>The option that names LoRA adapters, such as <c>--adapter PATH</c>, or <c>--adapter PATH=0.5</c> with a scale. It may be given several times.</summary>
internal static class AdapterOption
{
    public static Option<string[]> Create()
    {
        var option = new Option<string[]>("--adapter")
        {
            Description = "Applies a LoRA adapter: a GGUF file or a PEFT folder; append =SCALE to scale it. May be given several times.",
            HelpName = "PATH[=SCALE]",
            Arity = ArgumentArity.OneOrMore,
            AllowMultipleArgumentsPerToken = false,
        };
        option.Validators.Add(Check);
        return option;
    }

    /// <summary>Reports an invalid scale as wrong usage. An option or an argument uses this method as its validator.</summary>
    public static void Check(SymbolResult result)
    {
        try
        {
            foreach (Token token in result.Tokens)
                Split(token.Value);
        }
        catch (CommandException exception)
        {
            result.AddError(result is OptionResult { IdentifierToken.Value: var name } ? $"{name}: {exception.Message}" : exception.Message);
        }
    }

    /// <summary>Loads the adapters that the option names.</summary>
    /// <param name="result">The command line.</param>
    /// <param name="option">The option.</param>
    /// <param name="model">The model for which the adapters are loaded. The caller disposes the adapters together with the model.</param>
    /// <param name="host">Gets a warning of an adapter that was trained with another model.</param>
    /// <param name="cancellationToken">Ends the loading.</param>
    public static IReadOnlyList<LlamaAdapterUse> Load(ParseResult result, Option<string[]> option, LlamaModel model, ConsoleHost host, CancellationToken cancellationToken)
    {
        List<LlamaAdapterUse> uses = [];
        foreach (string text in result.GetValue(option) ?? [])
        {
            (string path, float scale) = Split(text);
            LlamaAdapter adapter = model.LoadAdapter(InputPath.RequireFileOrFolder(path), cancellationToken);
            if (adapter.IsTrainedOnOtherModel)
            {
                WarnOfOtherModel(host, path);
            }

            uses.Add(new LlamaAdapterUse(adapter, scale));
        }

        return uses;
    }

    /// <summary>Warns if an adapter is used with another model than the one with which it was trained.</summary>
    public static void WarnOfOtherModel(ConsoleHost host, string path)
        => host.Error.WriteLine(PrintableText.SingleLine($"llama2: warning: the adapter '{path}' was trained with another model; see 'llama2 adapter inspect {path}'"));

    /// <summary>Splits a path from its scale; if the path contains an equals sign, the scale must be given, as in <c>a=b.gguf=1</c>.</summary>
    /// <exception cref="CommandException">The scale is not a number, or out of range.</exception>
    public static (string Path, float Scale) Split(string text)
    {
        int index = text.LastIndexOf('=');
        if (index < 0 || Path.Exists(text))
        {
            return (text, 1);
        }

        return float.TryParse(text.AsSpan(index + 1), NumberStyles.Float, CultureInfo.InvariantCulture, out float scale) && Math.Abs(scale) <= LlamaAdapterUse.MaxScale
            ? (text[..index], scale)
            : throw new CommandException(string.Create(
                CultureInfo.InvariantCulture,
                $"'{PrintableText.Shorten(text, 80)}': the scale '{PrintableText.Shorten(text[(index + 1)..], 40)}' is not a number from -{LlamaAdapterUse.MaxScale} to {LlamaAdapterUse.MaxScale}; write PATH or PATH=0.5."));
    }
}
