using System.CommandLine;
using System.CommandLine.Parsing;
using Llama2.Cli.Input;
using Llama2.Cli.Options;
using Llama2.Cli.Output;
using Llama2.Cli.Terminal;
using Llama2.Formats;
using Llama2.Training;
using static System.FormattableString;

namespace Llama2.Cli.Training;

/// <summary>The options for the data of a training run, in the order in which the help lists them; reads the data.</summary>
internal sealed class DataSettings
{
    private const int ShownCount = 3;

    private readonly Option<string[]> _more = new("--data")
    {
        Description = $"Further data; append =WEIGHT to use each of its records that often in an epoch, such as 2 or 0.5. May be given several times.",
        HelpName = "FILE[=WEIGHT]",
        AllowMultipleArgumentsPerToken = false,
    };

    private readonly Option<string> _format = ChoiceOption.Create(
        "--format", "NAME", "The prompt format of conversations", [.. PromptFormat.Presets.Select(format => format.Name)], isRequired: false, "that of the model's file");

    private readonly Option<DatasetFormat?> _dataFormat = ChoiceOption.Create(
        "--data-format", "NAME", "The format of the data's records", Enum.GetValues<DatasetFormat>(), [.. Enum.GetValues<DatasetFormat>().Select(DataFormatWord.Of)], isRequired: false, "that of the first one");

    private readonly Option<string[]> _fields = Pairs("--field", "Reads a field of the form from a field of another name, such as instruction=Question. May be given several times.");

    private readonly Option<string[]> _roles = Pairs("--role", "Reads messages with another author's name as those of a known role, such as user=Customer. May be given several times.", names => _ = new DatasetOptions { RoleNames = names });

    private readonly Option<string[]> _ignored = new("--ignore-field")
    {
        Description = "Reads the records as if they did not have this field, although it changes what they mean. May be given several times.",
        HelpName = "NAME",
        AllowMultipleArgumentsPerToken = false,
    };

    private readonly Option<bool> _skipInvalid = new("--skip-invalid") { Description = "Skips and counts malformed records instead of refusing the data." };

    private readonly Option<LongSamplePolicy?> _longSamples = ChoiceOption.Create<LongSamplePolicy>(
        "--long-samples", "POLICY", "The treatment of samples that are longer than --batch-tokens or the model's context, and of pairs whose two answers together are longer", defaultText: "skip");

    private readonly Option<double?> _part = NumberOption.Create<double>(
        "--validation", "PART", "The part of the data that is reserved for measuring the loss; the weights with the smallest loss on it are written.",
        part => part is > 0 and < 1 ? part : throw new ArgumentOutOfRangeException(nameof(part)));

    private readonly Option<string?> _validationFile = new("--validation-data") { Description = "Separate data for measuring the loss, instead of a part of the training data.", HelpName = "FILE" };

    /// <summary>All options.</summary>
    public IEnumerable<Option> All => [_more, _format, _dataFormat, _fields, _roles, _ignored, _skipInvalid, _longSamples, _part, _validationFile];

    /// <summary>Whether the loss is measured on data that the training does not use.</summary>
    public bool Validates(ParseResult result) => result.GetValue(_part) is not null || result.GetValue(_validationFile) is not null;

    /// <summary>The data files, which exist.</summary>
    public IReadOnlyList<string> Files(ParseResult result, string first) =>
        [.. Weighted(result, first).Select(file => file.Path).Concat(result.GetValue(_validationFile) is { } validation ? [validation] : (string[])[]).SelectMany(FilesOf).Select(InputPath.Require)];

    /// <summary>Checks the options before the command runs.</summary>
    public void Check(CommandResult result)
    {
        if (result.GetResult(_part) is not null && result.GetResult(_validationFile) is not null)
        {
            result.AddError("Give either --validation, a part of the data, or --validation-data, a separate file.");
        }

        if (result.GetResult("--patience") is not null && result.GetResult(_part) is null && result.GetResult(_validationFile) is null)
        {
            result.AddError("--patience needs a --validation part of the data, or --validation-data, whose loss determines when to stop.");
        }

        foreach (Token token in result.GetResult(_more)?.Tokens ?? [])
        {
            Report(result, "--data", () => WeightedFile.Parse(token.Value));
        }
    }

    /// <summary>Reads the data, and reports what was read.</summary>
    /// <param name="result">The command line.</param>
    /// <param name="first">The first file, and perhaps its weight.</param>
    /// <param name="modelPath">The model, whose file may state the prompt format.</param>
    /// <param name="tokenizer">The model's tokenizer.</param>
    /// <param name="options">The options for training.</param>
    /// <param name="host">The console for reports.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public TrainingData Load(ParseResult result, string first, string modelPath, ModelTokenizer tokenizer, TrainingOptions options, ConsoleHost host, CancellationToken cancellationToken)
    {
        DatasetOptions datasetOptions = Read(result, modelPath, options, cancellationToken);
        TrainingDataset LoadFile(string path) => LoadOne(path, tokenizer, datasetOptions, host, cancellationToken);
        WeightedFile[] files = [.. Weighted(result, first)];
        List<(TrainingDataset Data, double Weight)> training = [], validation = [];
        foreach (WeightedFile file in files)
        {
            TrainingDataset data = LoadFile(file.Path);
            if (result.GetValue(_part) is { } part)
            {
                // Each file is split before its records are repeated, so that no record is in both parts.
                if (data.Count < 2)
                    throw new CommandException($"'{file.Path}' has one sample, and --validation needs two: one to train with and one to validate with.");
                (data, TrainingDataset rest) = data.Split(part, options.Seed);
                validation.Add((rest, 1));
            }

            training.Add((data, file.Weight));
        }

        if (result.GetValue(_validationFile) is { } path)
        {
            IReadOnlyList<string> others = FilesOf(path);
            if (files.SelectMany(file => FilesOf(file.Path)).Any(file => others.Any(other => OutputTarget.IsSame(file, other))))
            {
                host.Error.WriteLine(PrintableText.SingleLine($"llama2: warning: '{path}' is also learned, so its loss does not tell what the model understood; give --validation-data other records, or --validation a part"));
            }

            validation.Add((LoadFile(path), 1));
        }

        if (training.Concat(validation).Any(part => part.Data.Pairs.Count > 0 != training[0].Data.Pairs.Count > 0))
        {
            throw new CommandException("Some of the files have samples and others have pairs of preferences, which cannot be learned together: give files of one kind.");
        }

        (TrainingDataset mixed, TrainingDataset? kept) = (TrainingDataset.Mix(training, options.Seed), validation.Count > 0 ? TrainingDataset.Mix(validation, options.Seed) : null);
        PreferenceSettings.Require(mixed, files[0].Path, options);
        if (kept is not null)
        {
            PreferenceSettings.Require(kept, result.GetValue(_validationFile) ?? files[0].Path, options);
        }

        return new TrainingData(
            mixed, kept,
            string.Join(", ", files.Select(file => Path.GetFileName(file.Path) + (file.Weight == 1 ? "" : Invariant($" × {file.Weight}")))), datasetOptions.PromptFormat);
    }

    private static Option<string[]> Pairs(string name, string description, Action<Dictionary<string, string>>? check = null)
    {
        var option = new Option<string[]>(name) { Description = description, HelpName = "NAME=NAME", AllowMultipleArgumentsPerToken = false };
        option.Validators.Add(result =>
        {
            if (result.Tokens.FirstOrDefault(token => token.Value.IndexOf('=', StringComparison.Ordinal) < 1) is { } token)
            {
                result.AddError($"{name}: '{PrintableText.Shorten(token.Value, 80)}' is not of the form NAME=NAME: first the name in the form, then the name in the file.");
                return;
            }

            try
            {
                check?.Invoke(Names([.. result.Tokens.Select(token => token.Value)], isFileFirst: true));
            }
            catch (ArgumentException exception)
            {
                result.AddError($"{name}: {ErrorSentence.Of(exception)}");
            }
        });
        return option;
    }

    private static void Report(CommandResult result, string option, Action check)
    {
        try
        {
            check();
        }
        catch (CommandException exception)
        {
            result.AddError($"{option}: {exception.Message}");
        }
    }

    private IEnumerable<WeightedFile> Weighted(ParseResult result, string first) => ((string[])[first, .. result.GetValue(_more) ?? []]).Select(WeightedFile.Parse);

    private DatasetOptions Read(ParseResult result, string modelPath, TrainingOptions options, CancellationToken cancellationToken) => new()
    {
        Format = result.GetValue(_dataFormat),
        PromptFormat = FindFormat(result.GetValue(_format), modelPath, cancellationToken),
        MaxLength = Math.Min(options.BatchTokenCount, ModelFileInformation.Read(modelPath).Configuration?.ContextLength ?? options.BatchTokenCount),
        // KTO learns the two answers of a pair separately, so they need not fit into one batch.
        MaxPairLength = options.Preference is { Method: PreferenceMethod.Kto } ? null : options.BatchTokenCount,
        ReadRatings = options.Preference is { Method: PreferenceMethod.Kto },
        LongSamples = result.GetValue(_longSamples) ?? LongSamplePolicy.Skip,
        InvalidRecords = result.GetValue(_skipInvalid) ? InvalidRecordPolicy.Skip : InvalidRecordPolicy.Fail,
        IgnoredFields = result.GetValue(_ignored) ?? [],
        FieldNames = Names(result.GetValue(_fields), isFileFirst: false),
        RoleNames = Names(result.GetValue(_roles), isFileFirst: true),
    };

    private static Dictionary<string, string> Names(string[]? pairs, bool isFileFirst)
    {
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string[] parts in (pairs ?? []).Select(pair => pair.Split('=', 2)))
        {
            names[isFileFirst ? parts[1] : parts[0]] = isFileFirst ? parts[0] : parts[1];
        }

        return names;
    }

    private static IReadOnlyList<string> FilesOf(string path)
    {
        try
        {
            return path.Length == 0 ? [path] : TrainingDataset.GetFiles(path);
        }
        catch (TrainingDataException exception)
        {
            throw new CommandException(ErrorSentence.Of(exception));
        }
    }

    private static TrainingDataset LoadOne(string path, ModelTokenizer tokenizer, DatasetOptions options, ConsoleHost host, CancellationToken cancellationToken)
    {
        TrainingDataset data;
        try
        {
            data = TrainingDataset.Load(path, tokenizer, options, cancellationToken: cancellationToken);
        }
        catch (TrainingDataException exception)
        {
            throw new CommandException(ErrorSentence.Of(exception));
        }

        DatasetReport report = data.Report!;
        host.Error.WriteLine(Invariant(
            $"data: {report.RecordCount:N0} records ({DataFormatWord.Of(report.Format)}), {report.TokenCount:N0} tokens, {report.TargetTokenCount:N0} of them learned; left out: {report.InvalidCount:N0} malformed, {report.TooLongCount:N0} too long"));
        foreach (SkippedRecord skipped in report.Skipped.Take(ShownCount))
        {
            host.Error.WriteLine(Invariant($"  line {skipped.LineNumber:N0} left out: {PrintableText.SingleLine(OptionNames.Translate(skipped.Reason))}"));
        }

        if (report.Unused.Count > 0)
        {
            host.Error.WriteLine(PrintableText.SingleLine($"  not used: {string.Join(", ", report.Unused.Select(unused => Invariant($"{unused.Name} ({unused.RecordCount:N0})")))}"));
        }

        return data;
    }

    // Returns null if the prompt format is not known. This is not an error here, because plain text needs no prompt format.
    private static PromptFormat? FindFormat(string? name, string modelPath, CancellationToken cancellationToken)
    {
        if (name is not null)
        {
            return PromptFormat.Presets.Single(format => format.Name == name);
        }

        try
        {
            return PromptFormat.Detect(ModelFileInformation.Read(modelPath), cancellationToken);
        }
        catch (PromptFormatException)
        {
            return null;
        }
    }
}
