using System.Text.Json;
using Llama2.Evaluation.Tasks;

namespace Llama2.Evaluation.Harness.Functions;

/// <summary>What task files do to all documents (<c>process_docs</c>).</summary>
internal static class DocumentProcessing
{
    /// <summary>The operation of a known function.</summary>
    public static Func<IReadOnlyList<JsonElement>, IReadOnlyList<JsonElement>> Of(KnownFunction function)
    {
        if (function.Task.Select is { } select)
            return select;
        // HellaSwag: the fields that its templates use are added to those of the document.
        DocumentTaskDefinition definition = function.Definition;
        return documents => [.. documents.Select(document => AddFields(document, definition))];
    }

    private static JsonElement AddFields(JsonElement document, DocumentTaskDefinition definition)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            writer.WriteStartObject();
            foreach (JsonProperty member in document.EnumerateObject().Where(member => member.Name is not ("query" or "choices" or "gold")))
                member.WriteTo(writer);
            writer.WriteString("query", definition.Text(document).ToText(null));
            writer.WriteStartArray("choices");
            foreach (string choice in definition.Choices!(document))
                writer.WriteStringValue(choice);
            writer.WriteEndArray();
            writer.WriteNumber("gold", definition.Target(document).Index ?? 0);
            writer.WriteEndObject();
        }

        return JsonElement.Parse(stream.ToArray());
    }
}
