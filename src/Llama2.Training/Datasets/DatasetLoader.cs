using System.Security.Cryptography;
using Llama2.Formats;
using Llama2.Training.Datasets.Forms;
using Llama2.Training.Datasets.Reading;
using static System.FormattableString;

namespace Llama2.Training.Datasets;

/// <summary>Reads a data set. Each loader is used for one data set.</summary>
internal sealed class DatasetLoader(string path, ModelTokenizer tokenizer, DatasetOptions options, IProgress<double>? progress, CancellationToken cancellationToken)
{
    private readonly SampleEncoder _encoder = new(tokenizer, options, cancellationToken);
    private readonly DatasetReportBuilder _report = new();
    private readonly RecordFormats _formats = new(options.PromptFormat);
    private readonly List<TrainingSample> _samples = [];
    private readonly List<PreferencePair> _pairs = [];
    private RecordFormat? _format;
    private double _reported;

    /// <summary>The names of the records' fields; by default those of the options.</summary>
    public FieldNames Names { get; init; } = new(options.FieldNames, options.IgnoredFields, options.RoleNames);

    /// <summary>Names in the file of fields, from which those that a record has are removed.</summary>
    public HashSet<string> MissingFields { get; init; } = [];

    public TrainingDataset Load()
    {
        if (!RegularFile.HasContent(path))
        {
            throw new TrainingDataException(path, null, "nothing is left to learn: the file is empty, or it is a pipe or a device, which are not read; give a file with records");
        }

        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1 << 16, FileOptions.SequentialScan);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var hashed = new HashingStream(file, hash);
        FileKind kind = FindKind(file);
        if (kind == FileKind.Text && options.Format is { } form and not DatasetFormat.Text)
        {
            throw new TrainingDataException(path, null, $"the file is plain text, and records of the format {nameof(DatasetFormat)}.{form} were requested; write them as JSON lines, CSV or Parquet");
        }

        if (kind == FileKind.Text)
        {
            LoadText(hashed);
        }
        else
        {
            LoadRecords(kind, file, hashed);
        }

        if (_samples.Count + _pairs.Count == 0)
        {
            throw new TrainingDataException(path, null, Invariant($"nothing is left to learn: {_report.RecordCount:N0} records were read, and all were skipped{(_report.FirstReason is { } reason ? $" as malformed or too long, the first because {reason}; see {nameof(DatasetOptions)}.{nameof(DatasetOptions.MaxLength)} and {nameof(DatasetOptions)}.{nameof(DatasetOptions.LongSamples)}" : "; give a file with records")}"));
        }

        if (kind == FileKind.Parquet)
        {
            file.Position = 0;
        }

        hashed.CopyTo(Stream.Null);
        return new TrainingDataset(_samples, _pairs, _report.Build(_format?.Format ?? DatasetFormat.Text, Convert.ToHexStringLower(hash.GetHashAndReset())));
    }

    private FileKind FindKind(FileStream file)
    {
        try
        {
            return FileBeginning.Find(path, file, options.Format == DatasetFormat.Text);
        }
        catch (RecordFaultException fault)
        {
            throw new TrainingDataException(path, null, fault.Message);
        }
    }

    private void LoadRecords(FileKind kind, FileStream file, HashingStream stream)
    {
        IEnumerable<JsonRecord> records = kind switch
        {
            FileKind.Parquet => ParquetRecords.Read(file, options.MaxRecordByteSize),
            FileKind.CommaSeparated => new DelimitedRecords(stream, ',', options.MaxRecordByteSize).Read(),
            FileKind.TabSeparated => new DelimitedRecords(stream, '\t', options.MaxRecordByteSize).Read(),
            _ => JsonShape.Read(file, stream, options.MaxRecordByteSize),
        };
        string unit = kind == FileKind.Parquet ? "row" : "line";
        _format = options.Format is { } given ? _formats.Find(given) : null;
        foreach (JsonRecord record in records)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Report(file);
            _report.RecordCount++;
            try
            {
                Add(Read(record), record.LineNumber);
            }
            catch (RecordFaultException fault)
            {
                if (options.InvalidRecords == InvalidRecordPolicy.Fail || record.IsLast || _format is null)
                {
                    throw new TrainingDataException(path, record.LineNumber, fault.Message, unit);
                }

                _report.AddInvalid(record.LineNumber, fault.Message);
            }
        }
    }

    private DatasetRecord Read(JsonRecord record)
    {
        if (record.Fault is not null)
        {
            throw new RecordFaultException(record.Fault);
        }

        try
        {
            var fields = new RecordObject(record.Element, Names);
            MissingFields.ExceptWith(fields.AllFields);
            _format ??= _formats.Detect(fields);
            _formats.RequireSame(_format, fields);
            DatasetRecord read = _format.Read(fields);
            if (options.ReadRatings && read.Rejected is null)
            {
                read = RatedRecord.Read(fields, read);
            }

            List<string> unused = [];
            UnusedFields.Check(fields, FieldScope.Record, of: "", unused, [.. read.Messages, .. read.Rejected ?? []]);
            _report.AddUnused([.. unused, .. read.Unused]);
            return read;
        }
        catch (InvalidOperationException exception)
        {
            // A name or text in the record is not valid Unicode, which the parser detects only when it is read.
            throw new RecordFaultException($"the record cannot be read: {exception.Message.TrimEnd('.')}");
        }
    }

    private void Add(DatasetRecord record, long lineNumber)
    {
        if (record.Text is { } text)
        {
            AddDocument(text, hasControlTokens: true);
        }
        else if (record.Segments is { } segments)
        {
            TrainingSample? sample = _encoder.Encode(segments, out string? reason);
            AddOrSkip(sample, record, reason, lineNumber);
        }
        else
        {
            AddConversation(record, lineNumber);
        }
    }

    private void AddConversation(DatasetRecord record, long lineNumber)
    {
        PromptFormat format = record.PromptFormat ?? options.PromptFormat ?? throw new TrainingDataException(
            path, null, $"conversations need the prompt format of the model that is trained, which its file does not state: name it ({nameof(DatasetOptions)}.{nameof(DatasetOptions.PromptFormat)}), one of {string.Join(", ", PromptFormat.Presets.Select(preset => preset.Name))}");
        TrainingSample? sample = _encoder.Encode(record.Messages, record.Tools, format, _format!.Needs, out string? reason);
        if (record.Rejected is null || sample is null)
        {
            AddOrSkip(sample, record, reason, lineNumber);
            return;
        }

        TrainingSample? rejected = _encoder.Encode(record.Rejected, record.Tools, format, _format!.Needs, out reason);
        if (rejected is null || _encoder.IsTooLong(sample, rejected, out reason))
        {
            _report.AddTooLong(lineNumber, reason!);
            return;
        }

        _pairs.Add(new PreferencePair(Count(sample), Count(rejected)));
    }

    private void AddOrSkip(TrainingSample? sample, DatasetRecord record, string? reason, long lineNumber)
    {
        if (sample is null)
        {
            _report.AddTooLong(lineNumber, reason!);
        }
        else
        {
            _samples.Add(Count(sample with { IsDesirable = record.IsDesirable }));
        }
    }

    private void LoadText(HashingStream stream)
    {
        if (options.ReadRatings)
        {
            throw new TrainingDataException(path, null, "plain text has no rated answers, from which KTO learns; give records with 'prompt', 'completion' and 'label'");
        }

        foreach (string document in new TextDocuments(stream, path).Read())
        {
            cancellationToken.ThrowIfCancellationRequested();
            Report(stream);
            _report.RecordCount++;
            AddDocument(document, hasControlTokens: false);
        }
    }

    private void AddDocument(string text, bool hasControlTokens)
    {
        foreach (TrainingSample sample in _encoder.EncodeDocument(text, hasControlTokens))
        {
            _samples.Add(Count(sample));
        }
    }

    private TrainingSample Count(TrainingSample sample)
    {
        _report.Add(sample);
        return _report.TokenCount <= options.MaxTokenCount
            ? sample
            : throw new TrainingDataException(
                path, null, Invariant($"it has more than {options.MaxTokenCount:N0} tokens, which would be kept in memory; if there is memory for them, allow more with {nameof(DatasetOptions)}.{nameof(DatasetOptions.MaxTokenCount)}"));
    }

    private void Report(Stream stream)
    {
        double fraction = stream.Length == 0 ? 1 : (double)stream.Position / stream.Length;
        if (progress is not null && fraction >= _reported + 0.01)
        {
            progress.Report(_reported = fraction);
        }
    }
}
