using System.Text.Json;

namespace Llama2.Evaluation.Benchmarks;

/// <summary>Makes documents of tasks that bring their own, or that make several documents of one record.</summary>
internal static class DocumentObject
{
    /// <summary>A document with texts.</summary>
    public static JsonElement Create(params ReadOnlySpan<(string Name, string Value)> members)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            writer.WriteStartObject();
            foreach ((string name, string value) in members)
                writer.WriteString(name, value);
            writer.WriteEndObject();
        }

        using JsonDocument document = JsonDocument.Parse(stream.ToArray());
        return document.RootElement.Clone();
    }
}
