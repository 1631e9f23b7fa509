using System.Buffers;
using System.Text;
using System.Text.Json;
using static System.FormattableString;

namespace Llama2.Evaluation.Running;

/// <summary>
/// A file of responses, a line each: every response is written as soon as it is known, so an interrupted run loses only requests that were being
/// computed. The first line names the format and the backend. A line that was not written completely is dropped when the file is opened again. Thread-safe.
/// </summary>
internal sealed class ResponseJournal : IDisposable
{
    // A line contains one answer; answers are limited by the context, so a longer line was not written by this class.
    private const int MaxLineLength = 64 << 20;
    private readonly FileStream _file;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, EvaluationResponse> _stored;

    private ResponseJournal(FileStream file, Dictionary<string, EvaluationResponse> stored) => (_file, _stored) = (file, stored);

    /// <summary>The number of responses that the file held when it was opened.</summary>
    public int StoredCount => _stored.Count;

    /// <summary>Opens or creates a journal. It cannot be opened a second time while it is open.</summary>
    /// <param name="path">The file.</param>
    /// <param name="fingerprint">The backend's fingerprint.</param>
    /// <exception cref="EvaluationDataException">The file is not a journal, or belongs to another model.</exception>
    /// <exception cref="IOException">The file cannot be opened, for example because another run uses it.</exception>
    public static ResponseJournal Open(string path, string fingerprint)
    {
        var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        try
        {
            var stored = new Dictionary<string, EvaluationResponse>();
            long end = Read(file, path, fingerprint, stored);
            file.SetLength(end);
            file.Position = end;
            var journal = new ResponseJournal(file, stored);
            if (end == 0)
                journal.WriteLine(writer => { writer.WriteNumber("llama2_journal", 1); writer.WriteString("fingerprint", fingerprint); });
            return journal;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>The stored response to a request, or null.</summary>
    public EvaluationResponse? Find(string key) => _stored.GetValueOrDefault(key);

    /// <summary>Stores a response.</summary>
    public void Add(string key, EvaluationResponse response) => WriteLine(writer =>
    {
        writer.WriteString("key", key);
        if (response.Text is { } text)
            writer.WriteString("text", text);
        else
            writer.WriteNumber("log_likelihood", response.LogLikelihood);
        if (response.IsGreedy)
            writer.WriteBoolean("greedy", true);
        writer.WriteNumber("tokens", response.TokenCount);
        if (response.IsTruncated)
            writer.WriteBoolean("truncated", true);
    });

    public void Dispose()
    {
        _file.Flush(flushToDisk: true);
        _file.Dispose();
    }

    private void WriteLine(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            write(writer);
            writer.WriteEndObject();
        }

        buffer.Write("\n"u8);
        lock (_lock)
        {
            _file.Write(buffer.WrittenSpan);
            // The operating system has the line now, so it survives the end of the process.
            _file.Flush();
        }
    }

    // Returns the position after the last complete line.
    private static long Read(FileStream file, string path, string fingerprint, Dictionary<string, EvaluationResponse> stored)
    {
        using var reader = new StreamReader(file, new UTF8Encoding(false, throwOnInvalidBytes: false), false, 1 << 16, leaveOpen: true);
        long end = 0;
        for (int number = 1; ReadLine(reader, path, number) is { } line; number++)
        {
            if (!TryParse(line, out JsonElement record))
            {
                if (number == 1)
                    throw NotAJournal(path);
                break;
            }

            if (number == 1)
                CheckHeader(record, path, fingerprint);
            else if (record.TryGetProperty("key", out JsonElement key) && key.ValueKind == JsonValueKind.String)
                stored[key.GetString()!] = ToResponse(record);
            end += Encoding.UTF8.GetByteCount(line) + 1;
        }

        return end;
    }

    private static void CheckHeader(JsonElement record, string path, string fingerprint)
    {
        if (!record.TryGetProperty("llama2_journal", out _) || !record.TryGetProperty("fingerprint", out JsonElement stored))
            throw NotAJournal(path);
        if (stored.GetString() is { } other && other != fingerprint)
        {
            throw new EvaluationDataException(
                $"The journal '{path}' has responses of another model or of other options: its fingerprint is '{other}', this run's is '{fingerprint}'. Name another file, or delete this one.");
        }
    }

    private static EvaluationDataException NotAJournal(string path)
        => new($"'{path}' is not a journal of an evaluation: its first line has no field llama2_journal. Name another file.");

    private static EvaluationResponse ToResponse(JsonElement record) => new()
    {
        LogLikelihood = record.TryGetProperty("log_likelihood", out JsonElement value) && value.TryGetDouble(out double number) ? number : 0,
        Text = record.TryGetProperty("text", out JsonElement text) && text.ValueKind == JsonValueKind.String ? text.GetString() : null,
        IsGreedy = record.TryGetProperty("greedy", out JsonElement greedy) && greedy.ValueKind == JsonValueKind.True,
        TokenCount = record.TryGetProperty("tokens", out JsonElement tokens) && tokens.TryGetInt32(out int count) ? count : 0,
        IsTruncated = record.TryGetProperty("truncated", out JsonElement truncated) && truncated.ValueKind == JsonValueKind.True,
    };

    private static bool TryParse(string line, out JsonElement record)
    {
        record = default;
        try
        {
            using JsonDocument document = JsonDocument.Parse(line);
            record = document.RootElement.Clone();
            return record.ValueKind == JsonValueKind.Object;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    // Null at the end of the file, and for a last line without a line feed, which was not written completely.
    private static string? ReadLine(StreamReader reader, string path, int number)
    {
        var line = new StringBuilder();
        for (int next = reader.Read(); next >= 0; next = reader.Read())
        {
            if (next == '\n')
                return line.ToString();
            line.Append((char)next);
            if (line.Length > MaxLineLength)
                throw new EvaluationDataException(Invariant($"Line {number:N0} of the journal '{path}' has more than {MaxLineLength:N0} characters. Name another file."));
        }

        return null;
    }
}
