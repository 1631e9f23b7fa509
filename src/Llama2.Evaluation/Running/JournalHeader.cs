using System.Text.Json;
using static System.FormattableString;

namespace Llama2.Evaluation.Running;

/// <summary>The first line of a <see cref="ResponseJournal"/>: the version of the format, and the fingerprint of the backend.</summary>
internal static class JournalHeader
{
    private const string VersionField = "llama2_journal";
    private const int Version = 1;

    public static byte[] Write(string fingerprint) => JournalLine.ToLine(writer =>
    {
        writer.WriteNumber(VersionField, Version);
        writer.WriteString("fingerprint", fingerprint);
    });

    /// <summary>Checks the first line of a file.</summary>
    /// <param name="line">The line.</param>
    /// <param name="isComplete">Whether it has a line end.</param>
    /// <param name="path">The file, for messages.</param>
    /// <param name="fingerprint">The fingerprint of the backend.</param>
    /// <exception cref="EvaluationDataException">The file is not a journal, was written by another version, or belongs to another model.</exception>
    public static void Check(ReadOnlyMemory<byte> line, bool isComplete, string path, string fingerprint)
    {
        // A file that has only the beginning of a header was being created; any other file may be somebody's work.
        if (!isComplete && Write(fingerprint).AsSpan().StartsWith(line.Span))
            return;
        if (!isComplete || !JournalLine.TryParseObject(line, out JsonElement header) || !header.TryGetProperty(VersionField, out JsonElement version))
            throw new EvaluationDataException($"'{path}' is not a journal of an evaluation: its first line has no field {VersionField}. Name another file.");
        if (version.ValueKind != JsonValueKind.Number || !version.TryGetInt32(out int number) || number != Version)
            throw new EvaluationDataException(Invariant($"The journal '{path}' has version {version.GetRawText()} of the format; this version of the library reads version {Version}. Name another file, or delete this one."));
        string? stored = header.TryGetProperty("fingerprint", out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        if (stored != fingerprint)
        {
            throw new EvaluationDataException(
                $"The journal '{path}' has responses of another model or of other options: its fingerprint is '{stored}', this run's is '{fingerprint}'. Name another file, or delete this one.");
        }
    }
}
