using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Llama2.Formats;
using static System.FormattableString;

namespace Llama2.Training.Datasets;

/// <summary>Reads a data set. Each loader is used for one data set.</summary>
internal sealed class DatasetLoader(string path, ModelTokenizer tokenizer, DatasetOptions options, IProgress<double>? progress, CancellationToken cancellationToken)
{
    private readonly SampleEncoder _encoder = new(tokenizer, options, cancellationToken);
    private readonly DatasetReportBuilder _report = new();
    private readonly List<TrainingSample> _samples = [];
    private readonly List<PreferencePair> _pairs = [];
    private double _reported;

    public TrainingDataset Load()
    {
        if (!RegularFile.HasContent(path))
        {
            throw new TrainingDataException(path, null, "nothing is left to learn: the file is empty, or it is a pipe or a device, which are not read; give a file with records");
        }

        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1 << 16, FileOptions.SequentialScan);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        int first = FirstVisible(stream);
        bool isText = options.Format == DatasetFormat.Text || (options.Format is null && first is not ('{' or '['));
        using var hashed = new HashingStream(stream, hash);
        DatasetFormat format = isText ? LoadText(hashed) : LoadRecords(hashed, first == '[');
        if (_samples.Count + _pairs.Count == 0)
        {
            throw new TrainingDataException(path, null, Invariant($"nothing is left to learn: {_report.RecordCount:N0} records were read, and all were skipped as malformed or too long; check the report, or allow longer samples"));
        }

        hashed.CopyTo(Stream.Null);
        return new TrainingDataset(_samples, _pairs, _report.Build(format, Convert.ToHexStringLower(hash.GetHashAndReset())));
    }

    private static int FirstVisible(FileStream stream)
    {
        int first;
        do
        {
            first = stream.ReadByte();
        }
        while (first is ' ' or '\t' or '\r' or '\n' or 0xEF or 0xBB or 0xBF);
        stream.Position = 0;
        return first;
    }

    private DatasetFormat LoadRecords(HashingStream stream, bool isArray)
    {
        if (options.PromptFormat is null)
        {
            throw new TrainingDataException(
                path, null, $"conversations need the prompt format of the model that is trained, which its file does not state: name it ({nameof(DatasetOptions)}.{nameof(DatasetOptions.PromptFormat)}, --format), one of {string.Join(", ", PromptFormat.Presets.Select(format => format.Name))}");
        }

        IEnumerable<JsonRecord> records = isArray ? new JsonArray(stream, options.MaxRecordByteSize).Read() : JsonLines.Read(stream, options.MaxRecordByteSize);
        IRecordFormat? format = options.Format is { } given ? RecordFormats.Find(given, options.PromptFormat) : null;
        foreach (JsonRecord record in records)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Report(stream);
            _report.RecordCount++;
            try
            {
                if (record.Fault is not null)
                {
                    throw new RecordFaultException(record.Fault);
                }

                Add(ReadFields(record.Element, ref format), record.LineNumber);
            }
            catch (RecordFaultException fault)
            {
                if (options.InvalidRecords == InvalidRecordPolicy.Fail || record.IsLast || format is null)
                {
                    throw new TrainingDataException(path, record.LineNumber, fault.Message);
                }

                _report.AddInvalid(record.LineNumber, fault.Message);
            }
        }

        return format?.Format ?? DatasetFormat.Text;
    }

    private DatasetRecord ReadFields(JsonElement record, ref IRecordFormat? format)
    {
        try
        {
            format ??= RecordFormats.Detect(record, options.PromptFormat);
            return format.Read(record);
        }
        catch (InvalidOperationException exception)
        {
            // The record is not an object, or a name in it is not valid Unicode. The parser detects such a name only when the name is compared.
            throw new RecordFaultException($"the record cannot be read: {exception.Message.TrimEnd('.')}");
        }
    }

    private void Add(DatasetRecord record, long lineNumber)
    {
        PromptFormat format = record.PromptFormat ?? options.PromptFormat!;
        TrainingSample? sample = _encoder.Encode(record.Messages, format, out string? reason);
        TrainingSample? rejected = record.Rejected is null || sample is null ? null : _encoder.Encode(record.Rejected, format, out reason);
        if (sample is null || (record.Rejected is not null && rejected is null))
        {
            _report.AddTooLong(lineNumber, reason!);
        }
        else if (rejected is null)
        {
            _samples.Add(Count(sample));
        }
        else
        {
            _pairs.Add(new PreferencePair(Count(sample), Count(rejected)));
        }
    }

    // Reads plain text. Each of its documents may be as long as the longest text that the tokenizer accepts.
    private DatasetFormat LoadText(HashingStream stream)
    {
        var document = new List<byte>();
        byte[] buffer = new byte[1 << 16];
        long lineNumber = 1, documentLine = 1;
        int count;
        while ((count = stream.Read(buffer)) > 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Report(stream);
            ReadOnlySpan<byte> rest = buffer.AsSpan(0, count);
            for (int end = rest.IndexOf((byte)0); end >= 0; end = rest.IndexOf((byte)0))
            {
                AddText(rest[..end]);
                AddDocument();
                rest = rest[(end + 1)..];
            }

            AddText(rest);
        }

        AddDocument();
        return DatasetFormat.Text;

        void AddText(ReadOnlySpan<byte> text)
        {
            if (document.Count + text.Length > 3L * ModelTokenizer.MaxTextLength)
            {
                throw new TrainingDataException(
                    path, documentLine, Invariant($"the document that begins here has more than {3L * ModelTokenizer.MaxTextLength:N0} bytes; put NUL characters between its parts"));
            }

            document.AddRange(text);
            lineNumber += text.Count((byte)'\n');
        }

        void AddDocument()
        {
            AddDocumentText(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(document), documentLine);
            document.Clear();
            documentLine = lineNumber;
        }
    }

    private void AddDocumentText(ReadOnlySpan<byte> bytes, long lineNumber)
    {
        if (bytes.Trim(" \t\r\n"u8).IsEmpty)
        {
            return;
        }

        _report.RecordCount++;
        if (!Utf8.IsValid(bytes))
        {
            throw new TrainingDataException(path, lineNumber, "the document that begins here is not UTF-8; convert the file");
        }

        string text = Encoding.UTF8.GetString(bytes).TrimStart('\uFEFF');
        if (text.Length > ModelTokenizer.MaxTextLength)
        {
            throw new TrainingDataException(
                path, lineNumber, Invariant($"the document that begins here has {text.Length:N0} characters; at most {ModelTokenizer.MaxTextLength:N0} are allowed: put NUL characters between its parts"));
        }

        foreach (TrainingSample sample in _encoder.EncodeDocument(text))
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
                path, null, Invariant($"it has more than {options.MaxTokenCount:N0} tokens, which would be kept in memory; take a part of it, or set a higher limit"));
    }

    private void Report(HashingStream stream)
    {
        double fraction = stream.Length == 0 ? 1 : (double)stream.Position / stream.Length;
        if (progress is not null && fraction >= _reported + 0.01)
        {
            progress.Report(_reported = fraction);
        }
    }
}
