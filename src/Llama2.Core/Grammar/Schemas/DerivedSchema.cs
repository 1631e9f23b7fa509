using System.Buffers;
using System.Text.Json;

namespace Llama2.Grammar.Schemas;

/// <summary>Creates schemas that express the demand of one keyword by means of other keywords.</summary>
internal static class DerivedSchema
{
    /// <summary>A schema that only this value matches. It consists of <c>const</c>.</summary>
    public static JsonElement OfEqual(JsonElement value) => Create(writer =>
    {
        writer.WritePropertyName("const");
        value.WriteTo(writer);
    });

    /// <summary>A schema that only this array or object matches. It uses <c>const</c> only for the values inside the array or object.</summary>
    public static JsonElement OfConstant(JsonElement value) => Create(writer =>
    {
        if (value.ValueKind == JsonValueKind.Array)
            WriteArray(writer, value);
        else
            WriteObject(writer, value);
    });

    private static JsonElement Create(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { MaxDepth = SchemaDocument.MaxDepth * 2 }))
        {
            writer.WriteStartObject();
            write(writer);
            writer.WriteEndObject();
        }

        using var document = JsonDocument.Parse(buffer.WrittenMemory, new JsonDocumentOptions { MaxDepth = SchemaDocument.MaxDepth * 2 });
        return document.RootElement.Clone();
    }

    private static void WriteArray(Utf8JsonWriter writer, JsonElement value)
    {
        writer.WriteString("type", "array");
        writer.WriteStartArray("prefixItems");
        foreach (JsonElement item in value.EnumerateArray())
            WriteConstant(writer, item);
        writer.WriteEndArray();
        writer.WriteBoolean("items", false);
        writer.WriteNumber("minItems", value.GetArrayLength());
    }

    private static void WriteObject(Utf8JsonWriter writer, JsonElement value)
    {
        writer.WriteString("type", "object");
        writer.WriteStartObject("properties");
        foreach (JsonProperty property in value.EnumerateObject())
        {
            writer.WritePropertyName(property.Name);
            WriteConstant(writer, property.Value);
        }

        writer.WriteEndObject();
        writer.WriteStartArray("required");
        foreach (JsonProperty property in value.EnumerateObject())
            writer.WriteStringValue(property.Name);
        writer.WriteEndArray();
        writer.WriteBoolean("additionalProperties", false);
    }

    private static void WriteConstant(Utf8JsonWriter writer, JsonElement value)
    {
        writer.WriteStartObject();
        writer.WritePropertyName("const");
        value.WriteTo(writer);
        writer.WriteEndObject();
    }
}
