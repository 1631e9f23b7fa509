using System.Text.Encodings.Web;
using System.Text.Json;

namespace Llama2.Cli;

/// <summary>What an adapter says about itself, as one JSON object for programs.</summary>
internal static class AdapterJson
{
    private static readonly JsonWriterOptions s_options = new() { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static void Write(AdapterInformation adapter, Stream output)
    {
        using (var json = new Utf8JsonWriter(output, s_options))
        {
            json.WriteStartObject();
            json.WriteString("path", adapter.Path);
            json.WriteString("format", adapter.FormatName);
            json.WriteString("name", adapter.Name);
            json.WriteNumber("parameterCount", adapter.ParameterCount);
            json.WriteStartArray("tensors");
            foreach (AdapterTensorInformation tensor in adapter.Tensors)
            {
                json.WriteStartObject();
                json.WriteString("baseName", tensor.BaseName);
                json.WriteNumber("rank", tensor.Rank);
                json.WriteNumber("scale", tensor.Scale);
                json.WriteNumber("parameterCount", tensor.ParameterCount);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        output.WriteByte((byte)'\n');
        output.Flush();
    }
}
