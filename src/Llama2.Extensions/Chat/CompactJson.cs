using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Llama2.Extensions.Chat;

/// <summary>Writes JSON that becomes part of prompts. The JSON has no white space, because white space would take tokens.</summary>
internal static class CompactJson
{
    // Only characters for which JSON requires an escape are escaped, because a model understands characters better than escapes.
    private static readonly JsonWriterOptions s_writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes a value.</summary>
    /// <param name="value">The value.</param>
    /// <param name="withoutProperty">A property that is left out if the value is an object, such as a schema's dialect, which tells a model nothing.</param>
    public static string Write(JsonElement value, string? withoutProperty = null)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, s_writing))
        {
            if (value.ValueKind == JsonValueKind.Object)
            {
                writer.WriteStartObject();
                foreach (JsonProperty property in value.EnumerateObject().Where(property => property.Name != withoutProperty))
                    property.WriteTo(writer);
                writer.WriteEndObject();
            }
            else
            {
                value.WriteTo(writer);
            }
        }

        return Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length);
    }
}
