using System.CommandLine;
using System.Diagnostics;
using Llama2.Cli.Input;
using Llama2.Cli.Options;
using Llama2.Cli.Output;
using Llama2.Cli.Terminal;

namespace Llama2.Cli.Commands;

/// <summary><c>llama2 imatrix</c>: runs a text through a model, and measures how important each column of each weight matrix is.</summary>
internal sealed class ImatrixCommand(ConsoleHost host)
{
    public const string Examples = """
        llama2 imatrix model-F16.gguf text.txt -o imatrix.gguf
          llama2 imatrix model-F16.gguf text.txt -o imatrix.gguf --limit 100
        """;

    private readonly Argument<string> _model = InputPath.Argument("MODEL", "The model; the less it is quantized, the better.");

    private readonly Argument<string> _text = InputPath.Argument("TEXT", "A file of UTF-8 text, of the kind that the model will generate.");

    private readonly Option<string> _output = new("--output", "-o") { HelpName = "FILE", Description = "The file to write, in llama.cpp's GGUF format.", Required = true };

    private readonly Option<int?> _window = NumberOption.Create<int>(
        "--window", "N", "Tokens of a window. Default: 512.", length => new ImportanceMatrixOptions { WindowLength = length });

    private readonly Option<int?> _limit = NumberOption.Create<int>("--limit", "N", "Runs at most the first N windows.", count => new ImportanceMatrixOptions { MaxWindowCount = count });

    private readonly Option<bool> _processOutput = new("--process-output") { Description = "Measures the output matrix too." };

    private readonly Option<int?> _threads = ModelLoading.ThreadsOption();

    public Command Create()
    {
        var command = new Command("imatrix", "Uses a text to measure how important each column of each weight matrix is, for quantize --imatrix.")
        {
            _model, _text, _output, _window, _limit, _processOutput, _threads,
        };
        command.SetAction(RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult result, CancellationToken cancellationToken)
    {
        string model = InputPath.RequireModel(result.GetRequiredValue(_model), host), textPath = InputPath.Require(result.GetRequiredValue(_text));
        string output = OutputPath.Try(result.GetRequiredValue(_output));
        string text = await TextFile.ReadAsync(textPath, cancellationToken).ConfigureAwait(false);
        var options = new ImportanceMatrixOptions
        {
            WindowLength = result.GetValue(_window) ?? new ImportanceMatrixOptions().WindowLength,
            MaxWindowCount = result.GetValue(_limit),
            IncludeOutput = result.GetValue(_processOutput),
            Dataset = Path.GetFileName(textPath),
            ThreadCount = result.GetValue(_threads),
        };
        long start = Stopwatch.GetTimestamp();
        ImportanceMatrix matrix = await ProgressBar.RunAsync(
            host, isQuiet: false, "Measuring", progress => ImportanceMatrixCollector.CollectAsync(model, text, options, progress, cancellationToken)).ConfigureAwait(false);
        matrix.Save(output);
        WrittenFile.Tell(host, output, Stopwatch.GetElapsedTime(start));
        return ExitCodes.Success;
    }
}
