using System.CommandLine;
using System.CommandLine.Parsing;
using System.Diagnostics;
using Llama2.Cli.Input;
using Llama2.Cli.Options;
using Llama2.Cli.Output;
using Llama2.Cli.Terminal;
using Llama2.Cli.Training;
using Llama2.Formats;
using Llama2.Training;
using static System.FormattableString;

namespace Llama2.Cli.Commands;

/// <summary><c>llama2 train</c>: fine-tunes a model with a data set, or shows which text the model would learn.</summary>
internal sealed class TrainCommand(ConsoleHost host)
{
    public const string Examples = """
        llama2 train model.Q4_K_M.gguf data.jsonl --preview
          llama2 train model.Q4_K_M.gguf data.jsonl --find-rate --curve rates.svg
          llama2 train model.Q4_K_M.gguf mine.jsonl=3 --data others.parquet -o adapter.gguf --validation-data kept.jsonl
          llama2 train model.Q4_K_M.gguf data.jsonl -o adapter.gguf --epochs 3 --checkpoint state.bin
          llama2 train model.Q4_K_M.gguf data.jsonl -o adapter.gguf --epochs 3 --checkpoint state.bin --resume
          llama2 train model.Q4_K_M.gguf data.jsonl -o longer.gguf --epochs 6 --checkpoint state.bin --extend
          llama2 train model-F16.gguf data.jsonl -o taught.gguf --type Q4_K_M --validation 0.1 --patience 3 --curve loss.svg
          llama2 train model.Q4_K_M.gguf data.jsonl -o adapter.gguf --tensorboard runs/first --sample-prompt "Who are you?"
          llama2 train recipe.yaml --epochs 2
          llama2 generate model.Q4_K_M.gguf --adapter adapter.gguf --prompt "Once upon a time"
        """;

    private const int DefaultPreviewCount = 3;

    private readonly Argument<string> _model = InputPath.Argument("MODEL", "The model, quantized or not; its file is not changed.");

    private readonly Argument<string> _data = InputPath.Argument("DATA", "Records in the forms of OpenAI, TRL, axolotl or LLaMA-Factory: JSON, CSV, TSV or Parquet; or plain text; or one of LLaMA-Factory's described data sets, as dataset_info.json#NAME. Append =WEIGHT as for --data.");

    private readonly Option<bool> _preview = new("--preview") { Description = "Shows the first samples, which parts of them are learned, and the memory that training would take, without training." };

    private readonly Option<int?> _previewCount = NumberOption.Create<int>(
        "--preview-samples", "N", "The number of samples that --preview shows.", count => count > 0 ? count : throw new ArgumentOutOfRangeException(nameof(count)), DefaultPreviewCount);

    private readonly Option<bool> _findRate = new("--find-rate")
    {
        Description = "Searches for a learning rate instead of training: takes steps with rising rates (as many as --steps, by default 100), and prints the rate at which training is fast and stable.",
    };

    private readonly Option<bool> _resume = new("--resume") { Description = "Continues from --checkpoint, with the same model, data and options." };

    private readonly Option<bool> _extend = new("--extend") { Description = "Like --resume, but the run may have more --epochs or --steps than the run of the checkpoint, which may have finished." };

    private readonly OutputSettings _outputSettings = new();

    private readonly DataSettings _dataSettings = new();

    private readonly TrainingSettings _settings = new();

    private readonly TokenSettings _tokenSettings = new();

    private readonly LogSettings _logSettings = new();

    /// <summary>Reads the recipe of a command line that has the form <c>train RECIPE.yaml …</c>; null if it has another form.</summary>
    public static TrainingRecipe? ReadRecipe(IReadOnlyList<string> arguments, ConsoleHost host) =>
        arguments is ["train", var first, ..] && TrainingRecipe.IsRecipe(first) && !arguments.Any(argument => argument is "--help" or "-h" or "-?")
            ? new TrainingRecipe(first, [.. arguments.Skip(2)], new TrainCommand(host).Create())
            : null;

    public Command Create()
    {
        var command = new Command("train", "Fine-tunes a model with a data set: trains an adapter (LoRA) over the unchanged model, or all weights.") { _model, _data };
        _outputSettings.AddTo(command);
        foreach (Option option in (Option[])[_preview, _previewCount, _findRate, .. _dataSettings.All, .. _settings.All, .. _tokenSettings.All, _resume, _extend, .. _logSettings.All])
        {
            command.Add(option);
        }

        command.Validators.Add(Check);
        command.SetAction((result, cancellationToken) => Task.Run(() => Run(result, cancellationToken), CancellationToken.None));
        return command;
    }

    private void Check(CommandResult result)
    {
        if (((bool[])[result.GetValue(_preview), result.GetValue(_findRate), _outputSettings.IsGiven(result)]).Count(isGiven => isGiven) != 1)
        {
            result.AddError("Give either --output, to train, or --preview, or --find-rate.");
        }

        if (!OptionFault.HasAny(result, _previewCount) && result.GetResult(_previewCount) is { Implicit: false } && !result.GetValue(_preview))
        {
            result.AddError("--preview-samples is for --preview: give both, or neither.");
        }

        foreach (Option<bool> option in (Option<bool>[])[_resume, _extend])
        {
            if (result.GetValue(option) && result.GetResult("--checkpoint") is null)
            {
                result.AddError($"{option.Name} needs the --checkpoint from which to continue.");
            }
        }

        if (result.GetResult("--checkpoint-every") is OptionResult { Implicit: false } && result.GetResult("--checkpoint") is null)
        {
            result.AddError("--checkpoint-every needs the --checkpoint to write.");
        }

        _outputSettings.Check(result);
        _dataSettings.Check(result);
        _settings.Check(result);
        _tokenSettings.Check(result);
        _settings.AdapterSettings.Check(result);
    }

    private int Run(ParseResult result, CancellationToken cancellationToken)
    {
        string path = InputPath.RequireModel(result.GetRequiredValue(_model), host), dataPath = result.GetRequiredValue(_data);
        IReadOnlyList<string> files = _dataSettings.Files(result, dataPath);
        TrainingOptions options = _tokenSettings.AddTo(_settings.Read(result, _dataSettings.Validates(result)), result);
        bool resumes = result.GetValue(_resume) || result.GetValue(_extend);
        TrainingOutputs? outputs = _outputSettings.Read(result, options, _logSettings);
        string? original = _outputSettings.Original(result, host);
        if (outputs is not null)
        {
            _outputSettings.Try(result, outputs, [path, .. files, .. _settings.AdapterSettings.Paths(result), .. original is null ? (string[])[] : [original]], resumes);
        }

        LearningRateSearchOptions? search = result.GetValue(_findRate) ? RateSearchRun.Options(options.MaxStepCount) : null;
        TrainingMemory memory = LlamaTrainer.EstimateMemory(path, options);
        host.Error.WriteLine(TrainingReport.Memory(memory));
        if (search is not null)
        {
            return FindRate(result, path, files, options, search, cancellationToken);
        }

        if (outputs is null)
        {
            ModelTokenizer tokenizer = LlamaTrainer.LoadTokenizer(path, options);
            SamplePreview.WriteFirst(_dataSettings.Load(result, dataPath, path, tokenizer, options, host, cancellationToken).Training, result.GetValue(_previewCount)!.Value, tokenizer, host);
            return ExitCodes.Success;
        }

        List<string> summary;
        TrainingData data;
        using (LlamaTrainer trainer = LlamaTrainer.Open(path, options, cancellationToken: cancellationToken))
        {
            if (original is not null)
            {
                trainer.RequireOriginal(original);
            }

            data = _dataSettings.Load(result, dataPath, path, trainer.Tokenizer, options, host, cancellationToken);
            if (resumes)
            {
                trainer.Resume(InputPath.Require(options.CheckpointPath!), extend: result.GetValue(_extend));
            }

            summary = Train(result, trainer, options, data, outputs, original, cancellationToken);
        }

        // The trainer's memory has been freed, so the written model fits.
        if (_outputSettings.Type(result) is { } type && options.Preference is null && data.Validation is { Samples.Count: > 0 } validation)
        {
            WriteExtra("the loss of", outputs.Result, "measured", () => summary.Add(Invariant(
                $"validation loss of the written model ({type}) {WrittenModelLoss.Measure(outputs.Result, validation, options, cancellationToken):F4}")));
        }

        // The summary is written last, because writing it fails if standard output is closed or its disk is full. By then, the training results have
        // been saved.
        foreach (string line in summary)
        {
            host.Output.WriteLine(line);
        }

        return ExitCodes.Success;
    }

    private int FindRate(ParseResult result, string path, IReadOnlyList<string> files, TrainingOptions options, LearningRateSearchOptions search, CancellationToken cancellationToken)
    {
        string[] curves = _outputSettings.Curves(result);
        foreach (string curve in curves)
        {
            if (files.Append(path).Any(input => OutputTarget.IsSame(input, curve)))
                throw new CommandException($"'{curve}' would be both an input and --curve: give another name.");
            OutputPath.Try(curve);
        }

        using LlamaTrainer trainer = LlamaTrainer.Open(path, options, cancellationToken: cancellationToken);
        TrainingDataset data = _dataSettings.Load(result, result.GetRequiredValue(_data), path, trainer.Tokenizer, options, host, cancellationToken).Training;
        string line = new RateSearchRun(host).Search(trainer, data, search, out LearningRateSearch found, cancellationToken);
        foreach (string curve in curves)
        {
            WriteExtraFile("the curve", curve, () => RateSearchRun.WriteCurve(curve, found, LossUnit.Of(data, options)));
        }

        host.Output.WriteLine(line);
        return ExitCodes.Success;
    }

    private List<string> Train(
        ParseResult result, LlamaTrainer trainer, TrainingOptions options, TrainingData data, TrainingOutputs outputs, string? original, CancellationToken cancellationToken)
    {
        outputs.RequireRoom(trainer.ParameterCount * BytesPerParameter(result, options), trainer.CheckpointByteSize);
        TimeSpan time = trainer.EstimateTime(data.Training, data.Validation, cancellationToken);
        host.Error.WriteLine($"time: about {TrainingReport.Time(time)}, estimated from a first pass");
        using CancellationTokenRegistration stopping = AllowCheckpoint(options, cancellationToken);
        var report = new TrainingReport(host, () => trainer.CheckpointFault);
        var trained = new TrainedResult(trainer, isWholeModel: options.Lora is null, _outputSettings.Type(result), _outputSettings.Merge(result), original);
        using TrainingLogs logs = _logSettings.Open(result, trainer, host);
        var monitor = new TrainingMonitor(
            report, logs, _logSettings.Answers(result, trainer, data.Format), options.EvaluationInterval, data.Validation is not null, cancellationToken);
        List<string> summary;
        try
        {
            summary = TrainingRun.Train(trainer, data.Training, data.Validation, options, report, monitor, cancellationToken);
            long start = Stopwatch.GetTimestamp();
            trained.Save(outputs.Result, cancellationToken);
            WrittenFile.Tell(host, outputs.Result, Stopwatch.GetElapsedTime(start));
            if (trained.Merged is { } merged)
            {
                MergeSettings.Tell(host, merged);
            }
            else if (options.Lora is not null && !trained.IsMerged && TokenSettings.NoteOn(options) is { } note)
            {
                host.Error.WriteLine($"llama2: {note}");
            }
        }
        finally
        {
            // Curves are also written if training was interrupted or failed. The result is more important, so it is written before them.
            foreach (string curve in trainer.Steps.Count > 0 ? outputs.Curves : [])
            {
                WriteExtraFile("the curve", curve, () => CurveFile.Write(curve, trainer, report.Steps, LossUnit.Of(data.Training, options)));
            }
        }

        if (outputs.Card is { } card)
        {
            WriteExtraFile("the model card", card, () => trainer.SaveModelCard(card, _outputSettings.Card(result, data, trained)));
        }

        return summary;
    }

    // The minimum number of bytes that a parameter takes in the result. An adapter's values are float32. For quantized types, the minimum is assumed
    // to be 0.
    private long BytesPerParameter(ParseResult result, TrainingOptions options) =>
        options.Lora is not null || _outputSettings.Type(result) is null or ModelQuantization.F32 ? sizeof(float)
        : _outputSettings.Type(result) is ModelQuantization.F16 or ModelQuantization.BF16 ? sizeof(short)
        : 0;

    // Lets the command take as long as it needs to stop after Ctrl+C, because writing a checkpoint with billions of values takes longer than the
    // usual limit of 2 seconds.
    private CancellationTokenRegistration AllowCheckpoint(TrainingOptions options, CancellationToken cancellationToken)
    {
        if (options.CheckpointPath is null)
        {
            return default;
        }

        host.StopTimeout = Timeout.InfiniteTimeSpan;
        return cancellationToken.Register(() => host.Error.WriteLine("llama2: stopping after this batch, to write the checkpoint; interrupt again to end without it"));
    }

    private void WriteExtraFile(string name, string path, Action write) => WriteExtra(name, path, "written", () =>
    {
        long start = Stopwatch.GetTimestamp();
        write();
        WrittenFile.Tell(host, path, Stopwatch.GetElapsedTime(start), $"{name} ");
    });

    private void WriteExtra(string name, string path, string verb, Action write)
    {
        try
        {
            write();
        }
#pragma warning disable CA1031 // The exception is only reported as a warning: the result has already been written, or another exception says why it was not written.
        catch (Exception exception) when (exception is not OperationCanceledException)
#pragma warning restore CA1031
        {
            host.Error.WriteLine(PrintableText.SingleLine($"llama2: warning: {name} '{path}' could not be {verb}: {ErrorSentence.Of(exception)}"));
        }
    }
}
