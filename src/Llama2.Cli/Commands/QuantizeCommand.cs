using System.CommandLine;
using Llama2.Cli.Input;
using Llama2.Cli.Options;
using Llama2.Cli.Output;
using Llama2.Cli.Terminal;

namespace Llama2.Cli.Commands;

/// <summary><c>llama2 quantize</c>: writes a copy of a model, in which the weights take fewer bits.</summary>
internal sealed class QuantizeCommand(ConsoleHost host)
{
    public const string Examples = """
        llama2 quantize model-F16.gguf model-Q4_K_M.gguf Q4_K_M
          llama2 imatrix model-F16.gguf text.txt -o imatrix.gguf && llama2 quantize model-F16.gguf model-IQ4_XS.gguf IQ4_XS --imatrix imatrix.gguf
        """;

    private readonly Argument<string> _source = InputPath.Argument("SOURCE", "The model in any supported form, preferably F32, F16 or BF16.");

    private readonly Argument<string> _target = InputPath.Argument("TARGET", "The GGUF file to create or replace. It is never left incomplete.");

    private readonly Argument<ModelQuantization> _type = ChoiceOption.CreateArgument<ModelQuantization>("TYPE", "The weights' format, or llama.cpp's mix of formats");

    private readonly Option<string?> _imatrix = new("--imatrix") { HelpName = "FILE", Description = "An importance matrix, written by llama2 imatrix or llama-imatrix: with it, the weights that matter most get the smallest errors." };

    private readonly Option<bool> _allowRequantize = new("--allow-requantize") { Description = "Allows quantizing tensors that are already quantized, which causes larger errors than quantizing the original." };

    private readonly Option<bool> _pure = new("--pure") { Description = "Gives all matrices the same format, instead of giving more bits to matrices that need them." };

    private readonly Option<int?> _threads = NumberOption.Create<int>(
        "--threads", "N", "The number of threads that compute, 1 to 1,024. Default: the number of processor cores.", count => new ModelQuantizerOptions { ThreadCount = count });

    public Command Create()
    {
        var command = new Command("quantize", "Writes a model with its weights in fewer bits, byte for byte like llama-quantize.")
        {
            _source, _target, _type, _imatrix, _allowRequantize, _pure, _threads,
        };
        command.SetAction(RunAsync);
        return command;
    }

    private Task<int> RunAsync(ParseResult result, CancellationToken cancellationToken)
    {
        string source = InputPath.RequireModel(result.GetRequiredValue(_source), host), target = OutputPath.Require(result.GetRequiredValue(_target));
        var options = new ModelQuantizerOptions
        {
            ImportanceMatrix = result.GetValue(_imatrix) is { } path ? ImportanceMatrix.Load(InputPath.Require(path)) : null,
            AllowRequantize = result.GetValue(_allowRequantize),
            IsPure = result.GetValue(_pure),
            ThreadCount = result.GetValue(_threads),
        };
        return WrittenFile.WriteAsync(host, target, progress => ModelQuantizer.Quantize(source, target, result.GetRequiredValue(_type), options, progress, cancellationToken), cancellationToken);
    }
}
