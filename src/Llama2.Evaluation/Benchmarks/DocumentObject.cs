using System.Text.Json;

namespace Llama2.Evaluation.Benchmarks;

/// <summary>Makes documents: for tasks that contain their own documents, several documents from one record, and changed documents.</summary>
internal static class DocumentObject
{
    /// <summary>A document with texts.</summary>
    public static JsonElement Create(params IReadOnlyList<(string Name, string Value)> members) => Write(writer =>
    {
        foreach ((string name, string value) in members)
            writer.WriteString(name, value);
    });

    /// <summary>A document with other values of some fields, which follow the fields that are kept.</summary>
    /// <param name="document">The document, which stays as it is.</param>
    /// <param name="names">The fields that are replaced; the document may lack them.</param>
    /// <param name="write">Writes these fields.</param>
    public static JsonElement Replace(JsonElement document, IReadOnlyList<string> names, Action<Utf8JsonWriter> write) => Write(writer =>
    {
        foreach (JsonProperty member in document.EnumerateObject().Where(member => !names.Contains(member.Name)))
            member.WriteTo(writer);
        write(writer);
    });

    /// <summary>Writes a field that is a list of texts.</summary>
    public static void WriteTexts(this Utf8JsonWriter writer, string name, IEnumerable<string> texts)
    {
        writer.WriteStartArray(name);
        foreach (string text in texts)
            writer.WriteStringValue(text);
        writer.WriteEndArray();
    }

    private static JsonElement Write(Action<Utf8JsonWriter> writeMembers)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            writer.WriteStartObject();
            writeMembers(writer);
            writer.WriteEndObject();
        }

        return JsonElement.Parse(stream.ToArray());
    }
}
