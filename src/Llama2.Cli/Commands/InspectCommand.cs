using System.CommandLine;
using Llama2.Cli.Input;
using Llama2.Cli.Inspection;
using Llama2.Cli.Terminal;

namespace Llama2.Cli.Commands;

/// <summary><c>llama2 inspect</c>: shows the metadata and tensors of a model file, for people or as JSON.</summary>
internal sealed class InspectCommand(ConsoleHost host)
{
    public const string Examples = """
        llama2 inspect model.gguf
          llama2 inspect model.gguf --tensors
          llama2 inspect Llama-2-7b-hf/
          llama2 inspect model.gguf --json | jq .configuration
          llama2 inspect --hardware
        """;

    private readonly Argument<string> _model = InputPath.Argument(
        "MODEL", "A GGUF file, including one that this program cannot run or that contains only a vocabulary; a Hugging Face folder; a llama2.c checkpoint; a folder of a LoRA adapter.");

    private readonly Option<bool> _json = new("--json") { Description = "Writes everything as one JSON object, with complete arrays." };

    private readonly Option<bool> _tensors = new("--tensors") { Description = "Lists every tensor." };

    private readonly Option<bool> _hardware = new("--hardware") { Description = "Shows the runtime and the processor's kernel tiers instead of a file; LLAMA2_KERNEL_TIER chooses one." };

    public Command Create()
    {
        _model.Arity = ArgumentArity.ZeroOrOne;
        var command = new Command("inspect", "Shows format, sizes, tensors and metadata of a model file, without reading its weights.") { _model, _json, _tensors, _hardware };
        command.Validators.Add(result =>
        {
            if (result.GetValue(_hardware) == (result.GetResult(_model)?.Tokens.Count > 0))
            {
                result.AddError("Give either a MODEL or --hardware.");
            }
        });
        command.SetAction(Run);
        return command;
    }

    private int Run(ParseResult result)
    {
        if (result.GetValue(_hardware))
        {
            HardwareReport.Write(result.GetValue(_json), host);
            return ExitCodes.Success;
        }

        string path = InputPath.RequireModel(result.GetRequiredValue(_model), host);
        if (AdapterReport.IsAdapterFolder(path))
        {
            AdapterReport.Write(path, result.GetValue(_json), host);
            return ExitCodes.Success;
        }

        var file = ModelFileInformation.Read(path);
        if (result.GetValue(_json))
        {
            InspectionJson.Write(file, host.OutputStream);
        }
        else
        {
            InspectionReport.Write(file, result.GetValue(_tensors), host);
        }

        return ExitCodes.Success;
    }
}
