using System.Text.Encodings.Web;
using System.Text.Json;

namespace Llama2.Cli.Output;

/// <summary>
/// Writes one JSON object for programs. It is flushed piece by piece, because the JSON that describes a file can be many times as long as the file.
/// </summary>
internal static class JsonOutput
{
    private const int PendingByteSize = 64 * 1024;
    private const int SegmentLength = 16 * 1024;
    private static readonly JsonWriterOptions s_options = new() { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes an object and a line feed.</summary>
    /// <param name="output">The writer of the output.</param>
    /// <param name="writeMembers">Writes the object's members.</param>
    public static void Write(Stream output, Action<Utf8JsonWriter> writeMembers)
    {
        using (var json = new Utf8JsonWriter(output, s_options))
        {
            json.WriteStartObject();
            writeMembers(json);
            json.WriteEndObject();
        }

        output.WriteByte((byte)'\n');
        output.Flush();
    }

    /// <summary>Flushes the writer's buffer if it contains at least 64 KiB.</summary>
    public static void HandOn(this Utf8JsonWriter json)
    {
        if (json.BytesPending >= PendingByteSize)
            json.Flush();
    }

    /// <summary>Writes an array, and flushes the buffer after each element that fills it to 64 KiB or more.</summary>
    public static void WriteArray<T>(this Utf8JsonWriter json, IReadOnlyList<T> elements, Action<Utf8JsonWriter, T> writeElement)
    {
        json.WriteStartArray();
        for (int i = 0; i < elements.Count; i++)
        {
            writeElement(json, elements[i]);
            json.HandOn();
        }

        json.WriteEndArray();
    }

    /// <summary>Writes a text in parts, because the whole text would take a buffer of three times its length.</summary>
    public static void WriteText(this Utf8JsonWriter json, string text)
    {
        int start = 0;
        for (; text.Length - start > SegmentLength; start += SegmentLength)
        {
            json.WriteStringValueSegment(text.AsSpan(start, SegmentLength), isFinalSegment: false);
            json.HandOn();
        }

        json.WriteStringValueSegment(text.AsSpan(start), isFinalSegment: true);
        json.HandOn();
    }
}
