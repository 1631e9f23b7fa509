using Llama2.Evaluation.Data.Input;

namespace Llama2.Evaluation.Running;

/// <summary>
/// A file of responses, a line each: every response is written as soon as it is known, so an interrupted run loses only requests that were being
/// computed. The first line names the format and the backend. When the file is opened again, a last line that was not written completely is dropped,
/// and damaged lines before it stay in the file and are ignored, so that only their requests are computed again. Thread-safe.
/// </summary>
internal sealed class ResponseJournal : IDisposable
{
    // A line contains one answer; answers are limited by the context, so a longer line was not written by this class.
    private const int MaxLineByteSize = 64 << 20;
    private readonly FileStream _file;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, EvaluationResponse> _stored = [];
    private long _length;

    private ResponseJournal(FileStream file) => _file = file;

    /// <summary>The number of responses in the file when it was opened.</summary>
    public int StoredCount => _stored.Count;

    /// <summary>Opens or creates a journal. It cannot be opened a second time while it is open.</summary>
    /// <param name="path">The file.</param>
    /// <param name="fingerprint">The backend's fingerprint.</param>
    /// <exception cref="EvaluationDataException">The file is not a journal, was written by a newer version, or belongs to another model.</exception>
    /// <exception cref="IOException">The file cannot be opened, for example because another run uses it.</exception>
    /// <exception cref="UnauthorizedAccessException">The file must not be written.</exception>
    public static ResponseJournal Open(string path, string fingerprint)
    {
        // Without a buffer, a line that could not be written is not written later.
        var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
        try
        {
            var journal = new ResponseJournal(file);
            journal.Read(path, fingerprint);
            file.SetLength(journal._length);
            if (journal._length == 0)
                journal.Write(JournalHeader.Write(fingerprint));
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
    /// <exception cref="IOException">The file cannot be written; it ends with the last complete line.</exception>
    public void Add(string key, EvaluationResponse response) => Write(JournalLine.Write(key, response));

    public void Dispose()
    {
        _file.Flush(flushToDisk: true);
        _file.Dispose();
    }

    private void Write(ReadOnlySpan<byte> line)
    {
        lock (_lock)
        {
            try
            {
                _file.Position = _length;
                _file.Write(line);
            }
            catch (IOException)
            {
                // On a full disk a part of the line may have been written.
                _file.SetLength(_length);
                throw;
            }

            // The operating system has the line now, so it survives the end of the process.
            _length += line.Length;
        }
    }

    private void Read(string path, string fingerprint)
    {
        var reader = new LineReader(_file, path, new DataOptions { MaxRowByteSize = MaxLineByteSize });
        while (reader.TryRead(out ReadOnlyMemory<byte> line))
        {
            if (reader.LineNumber == 1)
                JournalHeader.Check(line, reader.HasLineEnd, path, fingerprint);
            else if (reader.HasLineEnd && JournalLine.TryParse(line) is { } entry)
                _stored[entry.Key] = entry.Response;
            // A last line without a line end was not written completely.
            if (reader.HasLineEnd)
                _length = reader.Position;
        }
    }
}
