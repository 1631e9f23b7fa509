using System.CommandLine;
using Llama2.Cli.Options;
using Llama2.Cli.Terminal;
using Llama2.Training;

namespace Llama2.Cli.Training;

/// <summary>The options for what is logged during training, in the order in which the help lists them.</summary>
internal sealed class LogSettings
{
    private const int DefaultSampleTokenCount = 32;

    private readonly Option<string?> _log = new("--log") { Description = "Writes a log in JSON lines: an object for each step, evaluation and generation.", HelpName = "FILE" };

    private readonly Option<string?> _tensorBoard = new("--tensorboard") { Description = "Writes a log for TensorBoard into this folder.", HelpName = "FOLDER" };

    private readonly Option<string[]> _samplePrompts = new("--sample-prompt")
    {
        Description = "A message that the model answers before training and at each evaluation, to show what it has learned. May be given several times.",
        HelpName = "TEXT",
        AllowMultipleArgumentsPerToken = false,
    };

    private readonly Option<int?> _sampleTokens = NumberOption.Create<int>(
        "--sample-tokens", "N", "The maximum number of tokens of an answer to a --sample-prompt.", AtLeastOne, DefaultSampleTokenCount);

    /// <summary>All options.</summary>
    public IEnumerable<Option> All => [_log, _tensorBoard, _samplePrompts, _sampleTokens];

    /// <summary>The log in JSON lines; null for none.</summary>
    public string? Log(ParseResult result) => result.GetValue(_log);

    /// <summary>The folder of the log for TensorBoard; null for none.</summary>
    public string? TensorBoard(ParseResult result) => result.GetValue(_tensorBoard);

    /// <summary>Opens the logs. The file of a run that is not resumed is replaced.</summary>
    public TrainingLogs Open(ParseResult result, LlamaTrainer trainer, ConsoleHost host)
    {
        List<(string Path, ITrainingLog Log)> logs = [];
        if (result.GetValue(_log) is { } path)
        {
            if (trainer.StepCount == 0)
            {
                File.Delete(path);
            }

            logs.Add((path, new JsonLinesLog(path, trainer.StepCount)));
        }

        if (result.GetValue(_tensorBoard) is { } folder)
        {
            logs.Add((folder, new TensorBoardLog(folder, trainer.StepCount)));
        }

        return new TrainingLogs(host, logs);
    }

    /// <summary>Creates the answers to the prompts; null if there are no prompts.</summary>
    public SampleAnswers? Answers(ParseResult result, LlamaTrainer trainer, PromptFormat? format) => result.GetValue(_samplePrompts) is { Length: > 0 } prompts
        ? new SampleAnswers(trainer, prompts, format, result.GetValue(_sampleTokens)!.Value)
        : null;

    private static object AtLeastOne(int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        return count;
    }
}
