using System.Text.Encodings.Web;
using System.Text.Json;

namespace Llama2.Evaluation.Reports;

/// <summary>The form of JSON in files of results: characters are escaped only where JSON requires it.</summary>
internal static class ReportJson
{
    /// <summary>Without white space, for a value on a line of its own.</summary>
    public static JsonWriterOptions Line { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static JsonWriterOptions Indented { get; } = Line with { Indented = true, NewLine = "\n" };

    /// <summary>Writes an object on one line, and a line feed.</summary>
    /// <param name="stream">Receives UTF-8; it stays open.</param>
    /// <param name="writeMembers">Writes the object's members.</param>
    public static void WriteLine(Stream stream, Action<Utf8JsonWriter> writeMembers) => Write(stream, Line, writeMembers);

    /// <summary>Writes an object with a line for each member, and a line feed.</summary>
    /// <inheritdoc cref="WriteLine"/>
    public static void WriteIndented(Stream stream, Action<Utf8JsonWriter> writeMembers) => Write(stream, Indented, writeMembers);

    private static void Write(Stream stream, JsonWriterOptions options, Action<Utf8JsonWriter> writeMembers)
    {
        using (var writer = new Utf8JsonWriter(stream, options))
        {
            writer.WriteStartObject();
            writeMembers(writer);
            writer.WriteEndObject();
        }

        stream.Write("\n"u8);
    }
}
