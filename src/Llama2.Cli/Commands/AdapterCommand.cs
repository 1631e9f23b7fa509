using System.CommandLine;
using Llama2.Cli.Input;
using Llama2.Cli.Inspection;
using Llama2.Cli.Options;
using Llama2.Cli.Output;
using Llama2.Cli.Terminal;

namespace Llama2.Cli.Commands;

/// <summary><c>llama2 adapter</c>: shows a LoRA adapter, or merges adapters into a model.</summary>
internal sealed class AdapterCommand(ConsoleHost host)
{
    public const string Examples = """
        llama2 adapter inspect adapter.gguf
          llama2 adapter merge model.gguf adapter.gguf -o merged.gguf
          llama2 adapter merge Llama-2-7b-hf/ first-lora/=0.5 second.gguf -o merged.gguf --type Q4_K_M
        """;

    private readonly Argument<string> _file = InputPath.Argument("PATH", "The adapter: a GGUF file or a PEFT folder.");

    private readonly Option<bool> _json = new("--json") { Description = "Writes one JSON object." };

    private readonly Argument<string> _model = InputPath.Argument("MODEL", "The model: a file or folder in any supported form, preferably F32, F16 or BF16.");

    private readonly Argument<string[]> _adapters = new("ADAPTER[=SCALE]")
    {
        Description = "The adapters: GGUF files or PEFT folders; append =SCALE to scale one.",
        Arity = ArgumentArity.OneOrMore,
    };

    private readonly Option<string> _output = new("--output", "-o")
    {
        Description = "The GGUF file to create or replace. It is never left incomplete.",
        HelpName = "FILE",
        Required = true,
    };

    private readonly Option<ModelQuantization?> _type = ChoiceOption.Create<ModelQuantization>(
        "--type", "TYPE", "The weights' format, or llama.cpp's mix of formats",
        defaultText: "the format of each matrix, but F16 for quantized matrices that the adapters change");

    private readonly MergeSettings _settings = new();

    public Command Create()
    {
        _adapters.Validators.Add(result =>
        {
            if (!Suggestion.RefuseOption(result))
                AdapterOption.Check(result);
        });
        var inspect = new Command("inspect", "Shows what an adapter changes, without reading its weights.") { _file, _json };
        inspect.SetAction(Inspect);
        var merge = new Command("merge", "Writes a model with adapters merged into its weights.") { _model, _adapters, _output, _type };
        _settings.AddTo(merge);
        merge.SetAction(MergeAsync);
        return new Command("adapter", "Inspects LoRA adapters, and merges them into models.") { inspect, merge };
    }

    private int Inspect(ParseResult result)
    {
        AdapterReport.Write(InputPath.RequireFileOrFolder(result.GetRequiredValue(_file)), result.GetValue(_json), host);
        return ExitCodes.Success;
    }

    private async Task<int> MergeAsync(ParseResult result, CancellationToken cancellationToken)
    {
        string model = InputPath.RequireModel(result.GetRequiredValue(_model), host), target = OutputPath.Require(result.GetRequiredValue(_output));
        (string Path, float Scale)[] adapters = [.. result.GetRequiredValue(_adapters).Select(AdapterOption.Split).Select(adapter => (InputPath.RequireFileOrFolder(adapter.Path), adapter.Scale))];
        AdapterMergeOptions options = _settings.Read(result, result.GetValue(_type));
        AdapterMergeReport? report = null;
        await WrittenFile.WriteAsync(host, target, progress => report = AdapterMerger.Merge(model, adapters, target, options, progress, cancellationToken), cancellationToken).ConfigureAwait(false);
        MergeSettings.Tell(host, report!);
        foreach (string adapter in report!.AdaptersOfOtherModels)
        {
            AdapterOption.WarnOfOtherModel(host, adapter);
        }

        return ExitCodes.Success;
    }
}
