using System.CommandLine;
using Llama2.Cli.Input;
using Llama2.Cli.Options;
using Llama2.Cli.Output;
using Llama2.Cli.Terminal;

namespace Llama2.Cli.Commands;

/// <summary><c>llama2 convert</c>: writes a model in another form.</summary>
internal sealed class ConvertCommand(ConsoleHost host)
{
    public const string Examples = """
        llama2 convert Llama-2-7b-hf/ llama-2-7b.gguf --type BF16
          llama2 convert stories260K.bin stories260K.gguf --tokenizer tok512.bin
          llama2 convert model-00001-of-00003.gguf model.gguf
          llama2 convert model.gguf model-hf/ --type F16
        """;

    private readonly Argument<string> _source = InputPath.Argument(
        "SOURCE", "A GGUF file, whole or any part of a split one; a Hugging Face folder or a file of its weights (safetensors, pytorch_model.bin); a llama2.c checkpoint.");

    private readonly Argument<string> _target = InputPath.Argument(
        "TARGET", "A name that ends in .gguf is a GGUF file to create or replace; any other name is a new folder with safetensors. The target is never left incomplete.");

    private readonly Option<ModelQuantization?> _type = ChoiceOption.Create<ModelQuantization>(
        "--type", "TYPE", "The type of the weights", [ModelQuantization.F32, ModelQuantization.F16, ModelQuantization.BF16], defaultText: "that of each tensor");

    private readonly Option<string?> _tokenizer = new("--tokenizer")
    {
        Description = "A tokenizer to use instead of the model's own: tokenizer.model, tokenizer.json, tokenizer.bin or a model.",
        HelpName = "FILE",
    };

    public Command Create()
    {
        var command = new Command("convert", "Converts a model to GGUF or to a folder with safetensors.") { _type, _tokenizer, _source, _target };
        command.SetAction(RunAsync);
        return command;
    }

    private Task<int> RunAsync(ParseResult result, CancellationToken cancellationToken)
    {
        string source = InputPath.RequireModel(result.GetRequiredValue(_source), host);
        string target = result.GetRequiredValue(_target);
        if (target.EndsWith(ModelConverter.GgufExtension, StringComparison.OrdinalIgnoreCase))
            OutputPath.Require(target);
        var options = new ModelConversionOptions
        {
            Quantization = result.GetValue(_type),
            TokenizerPath = result.GetValue(_tokenizer),
        };
        return WrittenFile.WriteAsync(host, target, progress => ModelConverter.Convert(source, target, options, progress, cancellationToken), cancellationToken);
    }
}
