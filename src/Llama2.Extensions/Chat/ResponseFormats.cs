using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Llama2.Extensions.Chat;

/// <summary>Converts <see cref="ChatOptions.ResponseFormat"/> to a constraint of the text, and to a sentence that tells the model about the format.</summary>
internal static class ResponseFormats
{
    // Characters that JSON does not require to be escaped are not escaped, because a model understands the characters better than escapes.
    private static readonly JsonWriterOptions s_writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The constraint; null if the format allows any text.</summary>
    /// <exception cref="OutputConstraintException">The schema is malformed, or has a keyword that cannot be enforced.</exception>
    /// <exception cref="NotSupportedException">The type of the format is unknown.</exception>
    public static OutputConstraint? ToConstraint(ChatResponseFormat? format, ConstraintCache constraints) => format switch
    {
        null or ChatResponseFormatText => null,
        ChatResponseFormatJson { Schema: { } schema } => constraints.JsonSchema(schema.GetRawText()),
        ChatResponseFormatJson => constraints.Json(),
        _ => throw new NotSupportedException(
            $"{nameof(ChatOptions)}.{nameof(ChatOptions.ResponseFormat)} is a {format.GetType().Name}, which is not supported: use text, JSON, or a JSON schema."),
    };

    /// <summary>The sentence for the system message; null if the format allows any text.</summary>
    public static string? Describe(ChatResponseFormat? format)
    {
        if (format is not ChatResponseFormatJson json)
            return null;
        if (json.Schema is not { } schema)
            return "Answer only with JSON.";
        string name = json.SchemaName is null ? "" : $", '{json.SchemaName}'";
        string description = json.SchemaDescription is null ? "" : $" ({json.SchemaDescription})";
        return $"Answer only with JSON that fits this JSON Schema{name}{description}: {Shorten(schema)}";
    }

    // The schema without white space, and without its dialect ($schema), which tells a model nothing.
    private static string Shorten(JsonElement schema)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, s_writing))
        {
            if (schema.ValueKind == JsonValueKind.Object)
            {
                writer.WriteStartObject();
                foreach (JsonProperty property in schema.EnumerateObject().Where(property => !property.NameEquals("$schema")))
                    property.WriteTo(writer);
                writer.WriteEndObject();
            }
            else
            {
                schema.WriteTo(writer);
            }
        }

        return Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length);
    }
}
