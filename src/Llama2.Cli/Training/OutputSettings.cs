using System.CommandLine;
using System.CommandLine.Parsing;
using Llama2.Cli.Input;
using Llama2.Cli.Options;
using Llama2.Cli.Terminal;
using Llama2.Training;

namespace Llama2.Cli.Training;

/// <summary>The options for the result of a training run and for the files written with it, in the order in which the help lists them.</summary>
internal sealed class OutputSettings
{
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

    private readonly Option<string?> _baseModel = new("--base-model") { Description = "The name of the model on the hub, such as meta-llama/Llama-2-7b-hf, for the model card. Default: the name in its file.", HelpName = "NAME" };

    private readonly Option<string?> _license = new("--license") { Description = "The license of the result, by the hub's name for it, such as llama2, for the model card.", HelpName = "NAME" };

    private readonly Option<string[]> _curve = new("--curve")
    {
        Description = "Writes the curve of the losses: NAME.svg is a picture; a file with any other name has comma-separated values, including gradient norms and learning rates. With --find-rate, the losses at each learning rate. May be given twice.",
        HelpName = "FILE",
    };

    private readonly Option<bool> _force = new("--force") { Description = "Replaces an output, model card, checkpoint or log that already exists." };

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (Option option in (Option[])[_output, _type, _original])
        {
            command.Add(option);
        }

        _merge.AddTo(command);
        foreach (Option option in (Option[])[_noCard, _baseModel, _license, _curve, _force])
        {
            command.Add(option);
        }
    }

    /// <summary>Whether a result is written.</summary>
    public bool IsGiven(CommandResult result) => result.GetResult(_output) is { Implicit: false };

    /// <summary>Checks the options before the command runs.</summary>
    public void Check(CommandResult result)
    {
        Option? merging = result.GetResult(_original) is null ? _merge.FirstGiven(result) : _original;
        if (merging is not null && (result.GetResult(_type) is null || result.GetValue<bool>("--full")))
        {
            result.AddError($"{merging.Name} is for merging an adapter: give --type, and not --full.");
        }

        foreach (Option option in (Option[])[_baseModel, _license])
        {
            if (result.GetValue(_noCard) && result.GetResult(option) is not null)
            {
                result.AddError($"{option.Name} is for the model card, which --no-card does not write.");
            }
        }
    }

    /// <summary>The format of the weights of a whole or merged model; null for an adapter, or for a whole model in float32.</summary>
    public ModelQuantization? Type(ParseResult result) => result.GetValue(_type);

    /// <summary>The model into which the adapter is merged, if it is not the model that is trained.</summary>
    public string? Original(ParseResult result, ConsoleHost host) => result.GetValue(_original) is { } given ? InputPath.RequireModel(given, host) : null;

    /// <summary>How the adapter is merged.</summary>
    public AdapterMergeOptions Merge(ParseResult result) => _merge.Read(result, result.GetValue(_type));

    /// <summary>The statements of the model card that the trainer does not know.</summary>
    public ModelCardOptions Card(ParseResult result, TrainingData data, TrainedResult trained) => new()
    {
        BaseModel = result.GetValue(_baseModel),
        License = result.GetValue(_license),
        Data = data.Training.Report,
        DataName = data.Name,
        DescribeMergedModel = trained.IsMerged,
        Merge = trained.Merged,
        Quantization = result.GetValue(_type),
    };

    /// <summary>
    /// Reads the outputs; null if none is written. They are checked before training, because a failure after training would be reported only after
    /// hours.
    /// </summary>
    /// <param name="result">The command line.</param>
    /// <param name="options">The options for training.</param>
    /// <param name="logs">The options for logs.</param>
    public TrainingOutputs? Read(ParseResult result, TrainingOptions options, LogSettings logs)
    {
        if (result.GetValue(_output) is not { } path)
        {
            return null;
        }

        bool isFile = TrainingOutputs.IsGguf(path);
        if (!isFile && result.GetValue(_type) is { } type and not (ModelQuantization.F32 or ModelQuantization.F16 or ModelQuantization.BF16))
        {
            throw new CommandException($"A folder of safetensors has F32, F16 or BF16, not {type}: give '{path}' the ending .gguf, or another --type.");
        }

        if (!isFile && Path.Exists(path))
        {
            throw new CommandException($"'{path}' already exists; name a new folder, or a file that ends in .gguf.");
        }

        string[] curves = Curves(result);
        string? card = result.GetValue(_noCard) ? null : isFile ? Path.ChangeExtension(path, ".md") : Path.Combine(path, "README.md");
        return new TrainingOutputs(path, options.CheckpointPath, curves, card, logs.Log(result), logs.TensorBoard(result));
    }

    /// <summary>The files for curves.</summary>
    public string[] Curves(ParseResult result)
    {
        string[] curves = result.GetValue(_curve) ?? [];
        return curves.FirstOrDefault(CurveFile.IsForeignPicture) is not { } curve
            ? curves
            : throw new CommandException($"'{curve}' has the ending of a picture, but pictures can be written only as SVG: use the ending .svg, or .csv for the figures.");
    }

    /// <summary>Checks that the outputs can be written, and that none replaces an input, another output or, unless this is forced, an earlier result.</summary>
    /// <param name="result">The command line.</param>
    /// <param name="outputs">The outputs.</param>
    /// <param name="inputs">The models and the data.</param>
    /// <param name="resumes">Whether training continues from the checkpoint, which may therefore exist.</param>
    public void Try(ParseResult result, TrainingOutputs outputs, IReadOnlyList<string> inputs, bool resumes)
    {
        outputs.Try(inputs);
        if (!result.GetValue(_force))
        {
            outputs.RequireNew(resumes);
        }
    }
}
