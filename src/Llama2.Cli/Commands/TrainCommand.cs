using System.CommandLine;
using System.CommandLine.Parsing;
using System.Diagnostics;
using Llama2.Cli.Input;
using Llama2.Cli.Options;
using Llama2.Cli.Output;
using Llama2.Cli.Terminal;
using Llama2.Cli.Training;
using Llama2.Memory;
using Llama2.Training;

namespace Llama2.Cli.Commands;

/// <summary><c>llama2 train</c>: fine-tunes a model with a data set, or shows which text the model would learn.</summary>
internal sealed class TrainCommand(ConsoleHost host)
{
    public const string Examples = """
        llama2 train model.Q4_K_M.gguf data.jsonl --preview
          llama2 train model.Q4_K_M.gguf mine.jsonl=3 --data others.parquet -o adapter.gguf --validation-data kept.jsonl
          llama2 train model.Q4_K_M.gguf data.jsonl -o adapter.gguf --epochs 3 --checkpoint state.bin
          llama2 train model.Q4_K_M.gguf data.jsonl -o adapter.gguf --epochs 3 --checkpoint state.bin --resume
          llama2 train model-F16.gguf data.jsonl -o taught.gguf --type Q4_K_M --validation 0.1 --patience 3 --curve loss.svg
          llama2 generate model.Q4_K_M.gguf --adapter adapter.gguf --prompt "Once upon a time"
        """;

    private const int PreviewCount = 3;

    private readonly Argument<string> _model = InputPath.Argument("MODEL", "The model, quantized or not; its file is not changed.");

    private readonly Argument<string> _data = InputPath.Argument("DATA", "Records in the forms of OpenAI, TRL, axolotl or LLaMA-Factory: JSON, CSV, TSV or Parquet; or plain text. Append =WEIGHT as for --data.");

    private readonly Option<string?> _output = new("--output", "-o") { Description = "The adapter to write: NAME.gguf, otherwise a PEFT folder. With --type or --full a whole model: NAME.gguf, otherwise a folder with safetensors.", HelpName = "FILE" };

    private readonly Option<ModelQuantization?> _type = ChoiceOption.Create<ModelQuantization>(
        "--type", "TYPE", "Writes the model with the adapter merged into it (with --full, the trained model), with weights in this format or mix of formats; for a folder, give F32, F16 or BF16");

    private readonly Option<string?> _original = new("--original")
    {
        Description = "With --type, the unquantized model from which MODEL was quantized. The adapter is merged into its weights, so that its change survives.",
        HelpName = "MODEL",
    };

    private readonly MergeSettings _merge = new();

    private readonly Option<bool> _noCard = new("--no-card") { Description = "Writes no model card beside the output." };

    private readonly Option<bool> _preview = new("--preview") { Description = "Shows the first samples, which parts of them are learned, and the memory that training would take, without training." };

    private readonly Option<bool> _resume = new("--resume") { Description = "Continues from --checkpoint, with the same model, data and options." };

    private readonly Option<string[]> _curve = new("--curve")
    {
        Description = "Writes the curve of the losses: NAME.svg is a picture; a file with any other name has comma-separated values, also of gradient norms and learning rates. May be given twice.",
        HelpName = "FILE",
    };

    private readonly DataSettings _dataSettings = new();

    private readonly TrainingSettings _settings = new();

    public Command Create()
    {
        var command = new Command("train", "Fine-tunes a model with a data set: trains an adapter (LoRA) over the unchanged model, or all weights.") { _model, _data, _output, _preview };
        foreach (Option option in (Option[])[_type, _original, _noCard, .. _dataSettings.All, .. _settings.All, _resume, _curve])
        {
            command.Add(option);
        }

        _merge.AddTo(command);
        command.Validators.Add(Check);
        command.SetAction((result, cancellationToken) => Task.Run(() => Run(result, cancellationToken), CancellationToken.None));
        return command;
    }

    private void Check(CommandResult result)
    {
        if (result.GetValue(_preview) == result.GetResult(_output) is { Implicit: false })
        {
            result.AddError("Give either --output, to train, or --preview.");
        }

        if (result.GetValue(_resume) && result.GetResult("--checkpoint") is null)
        {
            result.AddError("--resume needs the --checkpoint from which to continue.");
        }

        if (result.GetResult("--checkpoint-every") is OptionResult { Implicit: false } && result.GetResult("--checkpoint") is null)
        {
            result.AddError("--checkpoint-every needs the --checkpoint to write.");
        }

        Option? merging = result.GetResult(_original) is null ? _merge.FirstGiven(result) : _original;
        if (merging is not null && (result.GetResult(_type) is null || result.GetValue<bool>("--full")))
        {
            result.AddError($"{merging.Name} is for merging an adapter: give --type, and not --full.");
        }

        _dataSettings.Check(result);
    }

    private int Run(ParseResult result, CancellationToken cancellationToken)
    {
        string path = InputPath.RequireModel(result.GetRequiredValue(_model), host), dataPath = result.GetRequiredValue(_data);
        IReadOnlyList<string> files = _dataSettings.Files(result, dataPath);
        TrainingOptions options = _settings.Read(result, _dataSettings.Validates(result));
        TrainingOutputs? outputs = result.GetValue(_output) is { } name ? OutputsOf(name, options, result) : null;
        string? original = result.GetValue(_original) is { } given ? InputPath.RequireModel(given, host) : null;
        outputs?.Try([path, .. files, .. original is null ? (string[])[] : [original]]);

        TrainingMemory memory = LlamaTrainer.EstimateMemory(path, options);
        host.Error.WriteLine(
            $"memory: about {ByteSizeText.Needed(memory.TotalByteSize)}: the model {ByteSizeText.Needed(memory.WeightByteSize)}, activations {ByteSizeText.Needed(memory.ActivationByteSize)}");
        if (outputs is null)
        {
            ModelTokenizer tokenizer = ModelTokenizer.Load(path);
            SamplePreview.WriteFirst(_dataSettings.Load(result, dataPath, path, tokenizer, options, host, cancellationToken).Training, PreviewCount, tokenizer, host);
            return ExitCodes.Success;
        }

        using LlamaTrainer trainer = LlamaTrainer.Open(path, options, cancellationToken: cancellationToken);
        (TrainingDataset data, TrainingDataset? validation, string dataName) = _dataSettings.Load(result, dataPath, path, trainer.Tokenizer, options, host, cancellationToken);
        if (data.Pairs.Count > 0 && options.Lora is null)
            throw new CommandException($"'{dataPath}' has preferences, which only an adapter can learn, because the model without its adapter is the reference. Train an adapter, not the whole model.");

        if (result.GetValue(_resume))
        {
            trainer.Resume(InputPath.Require(options.CheckpointPath!));
        }

        outputs.RequireRoom(trainer.ParameterCount * BytesPerParameter(result, options), trainer.CheckpointByteSize);
        TimeSpan time = trainer.EstimateTime(data, cancellationToken);
        host.Error.WriteLine($"time: about {TrainingReport.Time(time)}, estimated from a first pass");
        using CancellationTokenRegistration stopping = AllowCheckpoint(options, cancellationToken);
        var report = new TrainingReport(host, () => trainer.CheckpointFault);
        IReadOnlyList<string> summary;
        try
        {
            summary = TrainingRun.Train(trainer, data, validation, report, cancellationToken);
            long start = Stopwatch.GetTimestamp();
            var trained = new TrainedResult(
                trainer, isWholeModel: options.Lora is null, result.GetValue(_type), _merge.Read(result, result.GetValue(_type)), original);
            trained.Save(outputs.Result, cancellationToken);
            WrittenFile.Tell(host, outputs.Result, Stopwatch.GetElapsedTime(start));
            if (trained.Merged is { } merged)
            {
                MergeSettings.Tell(host, merged);
            }
        }
        finally
        {
            // Curves are also written if training was interrupted or failed. The result is more important, so it is written before them.
            foreach (string curve in trainer.Steps.Count > 0 ? outputs.Curves : [])
            {
                WriteExtra("the curve", curve, () => CurveFile.Write(curve, trainer, report.Steps, data.Pairs.Count > 0 ? "pair" : "token"));
            }
        }

        if (outputs.Card is { } card)
        {
            WriteExtra("the model card", card, () => trainer.SaveModelCard(card, new ModelCardOptions { Data = data.Report, DataName = dataName }));
        }

        // The summary is written last, because writing it fails if standard output is closed or its disk is full. By then, the training results have
        // been saved.
        foreach (string line in summary)
        {
            host.Output.WriteLine(line);
        }

        return ExitCodes.Success;
    }

    // The outputs are checked before training, because a failure after training would be reported only after hours.
    private TrainingOutputs OutputsOf(string path, TrainingOptions options, ParseResult result)
    {
        ModelQuantization? type = result.GetValue(_type);
        bool isFile = TrainingOutputs.IsGguf(path);
        if (!isFile && type is not (null or ModelQuantization.F32 or ModelQuantization.F16 or ModelQuantization.BF16))
        {
            throw new CommandException($"A folder of safetensors has F32, F16 or BF16, not {type}: give '{path}' the ending .gguf, or another --type.");
        }

        if (!isFile && Path.Exists(path))
        {
            throw new CommandException($"'{path}' already exists; name a new folder, or a file that ends in .gguf.");
        }

        string[] curves = result.GetValue(_curve) ?? [];
        if (curves.FirstOrDefault(CurveFile.IsForeignPicture) is { } curve)
        {
            throw new CommandException($"'{curve}' has the ending of a picture, but pictures can be written only as SVG: use the ending .svg, or .csv for the figures.");
        }

        string? card = result.GetValue(_noCard) ? null : isFile ? Path.ChangeExtension(path, ".md") : Path.Combine(path, "README.md");
        return new TrainingOutputs(path, options.CheckpointPath, curves, card);
    }

    // The minimum number of bytes that a parameter takes in the result. An adapter's values are float32. For quantized types, the minimum is assumed
    // to be 0.
    private long BytesPerParameter(ParseResult result, TrainingOptions options) =>
        options.Lora is not null || result.GetValue(_type) is null or ModelQuantization.F32 ? sizeof(float)
        : result.GetValue(_type) is ModelQuantization.F16 or ModelQuantization.BF16 ? sizeof(short)
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

    private void WriteExtra(string name, string path, Action write)
    {
        try
        {
            long start = Stopwatch.GetTimestamp();
            write();
            WrittenFile.Tell(host, path, Stopwatch.GetElapsedTime(start));
        }
#pragma warning disable CA1031 // The exception is only reported as a warning: the result has already been written, or another exception says why it was not written.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            host.Error.WriteLine(PrintableText.SingleLine($"llama2: warning: {name} '{path}' could not be written: {ErrorSentence.Of(exception)}"));
        }
    }
}
