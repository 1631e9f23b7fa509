using System.CommandLine;
using Llama2.Cli.Input;
using Llama2.Cli.Options;
using Llama2.Cli.Output;
using Llama2.Cli.Terminal;

namespace Llama2.Cli.Commands;

/// <summary><c>llama2 make-random</c>: writes a model of random weights, to measure speed and memory without a download.</summary>
internal sealed class MakeRandomCommand(ConsoleHost host)
{
    public const string Examples = """
        llama2 make-random --shape 160m --type Q4_0 random.gguf
          llama2 make-random --shape 7b --type Q4_K_M random-7b.gguf && llama2 bench random-7b.gguf
          llama2 make-random --shape 1b --type Q4_0 --context 8192 random.gguf && llama2 bench random.gguf --prompt 256,4096
        """;

    private readonly Argument<string> _file = InputPath.Argument("FILE", "The GGUF file to create or replace. It is never left incomplete.");

    private readonly Option<string> _shape = ChoiceOption.Create(
        "--shape", "SHAPE", "The shape of a published model", [.. ModelShape.Named.Keys]);

    private readonly Option<ModelQuantization?> _type = ChoiceOption.Create<ModelQuantization>("--type", "TYPE", "The weights' format, or llama.cpp's mix of formats", isRequired: true);

    private readonly Option<int?> _context = NumberOption.Create<int>(
        "--context", "N", "Context length in tokens. Default: that of the published model.", value => new LlamaModelOptions { ContextLength = value }, null, "-c");

    public Command Create()
    {
        var command = new Command("make-random", "Writes a model with random weights, to measure speed and memory; such a model generates nonsense.") { _shape, _type, _context, _file };
        command.SetAction(RunAsync);
        return command;
    }

    private Task<int> RunAsync(ParseResult result, CancellationToken cancellationToken)
    {
        string path = OutputPath.Require(result.GetRequiredValue(_file));
        ModelShape shape = ModelShape.Named[result.GetRequiredValue(_shape)];
        shape = shape with { ContextLength = result.GetValue(_context) ?? shape.ContextLength };
        ModelQuantization type = result.GetRequiredValue(_type)!.Value;
        return WrittenFile.WriteAsync(host, path, progress => RandomModel.Write(path, shape, type, progress, cancellationToken), cancellationToken);
    }
}
