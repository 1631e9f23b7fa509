using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Llama2.Cli;

/// <summary>What a model file says about itself, as one JSON object for programs: nothing shortened.</summary>
internal static class InspectionJson
{
    private static readonly JsonWriterOptions s_options = new() { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static void Write(ModelFileInformation file, Stream output)
    {
        using (var json = new Utf8JsonWriter(output, s_options))
        {
            json.WriteStartObject();
            json.WriteString("path", file.Path);
            json.WriteString("format", file.FormatName);
            json.WriteNumber("byteSize", file.ByteSize);
            json.WriteNumber("parameterCount", file.ParameterCount);
            WriteConfiguration(json, file);
            WriteEnds(json, file);
            WriteTypes(json, file);
            WriteMetadata(json, file);
            WriteTensors(json, file);
            json.WriteEndObject();
        }

        output.WriteByte((byte)'\n');
        output.Flush();
    }

    private static void WriteConfiguration(Utf8JsonWriter json, ModelFileInformation file)
    {
        json.WriteStartArray("warnings");
        foreach (string warning in file.Warnings)
            json.WriteStringValue(warning);
        json.WriteEndArray();
        if (file.Configuration is not { } configuration)
        {
            json.WriteNull("configuration");
            json.WriteString("configurationFault", file.ConfigurationFault);
            return;
        }

        json.WriteStartObject("configuration");
        json.WriteString("architecture", configuration.Architecture);
        json.WriteString("name", configuration.Name);
        json.WriteNumber("contextLength", configuration.ContextLength);
        json.WriteNumber("embeddingLength", configuration.EmbeddingLength);
        json.WriteNumber("layerCount", configuration.LayerCount);
        json.WriteNumber("headCount", configuration.HeadCount);
        json.WriteNumber("keyValueHeadCount", configuration.KeyValueHeadCount);
        json.WriteNumber("headLength", configuration.HeadLength);
        json.WriteNumber("feedForwardLength", configuration.FeedForwardLength);
        json.WriteNumber("vocabularySize", configuration.VocabularySize);
        json.WriteNumber("rmsNormEpsilon", configuration.RmsNormEpsilon);
        json.WriteNumber("ropeTheta", configuration.RopeTheta);
        WriteRopeScaling(json, configuration.RopeScaling);
        json.WriteEndObject();
        json.WriteNull("configurationFault");
    }

    private static void WriteRopeScaling(Utf8JsonWriter json, RopeScaling scaling)
    {
        json.WriteStartObject("ropeScaling");
        json.WriteString("type", JsonNamingPolicy.CamelCase.ConvertName(scaling.Type.ToString()));
        json.WriteNumber("factor", scaling.Factor);
        if (scaling.Type == RopeScalingType.Yarn)
        {
            if (scaling.OriginalContextLength is int length)
                json.WriteNumber("originalContextLength", length);
            json.WriteNumber("extrapolationFactor", scaling.ExtrapolationFactor);
            json.WriteNumber("attentionFactor", scaling.AttentionFactor);
            json.WriteNumber("betaFast", scaling.BetaFast);
            json.WriteNumber("betaSlow", scaling.BetaSlow);
            json.WriteBoolean("truncatesRamp", scaling.TruncatesRamp);
        }

        json.WriteEndObject();
    }

    private static void WriteEnds(Utf8JsonWriter json, ModelFileInformation file)
    {
        json.WriteStartArray("endOfGenerationIds");
        foreach (int id in file.EndOfGenerationIds)
            json.WriteNumberValue(id);
        json.WriteEndArray();
    }

    private static void WriteTypes(Utf8JsonWriter json, ModelFileInformation file)
    {
        json.WriteStartArray("tensorTypes");
        foreach (TensorTypeSummary type in TensorTypeSummary.Of(file))
        {
            json.WriteStartObject();
            json.WriteString("type", type.Type.ToString());
            json.WriteNumber("tensorCount", type.Count);
            json.WriteNumber("parameterCount", type.ParameterCount);
            json.WriteNumber("byteSize", type.ByteSize);
            json.WriteBoolean("isSupported", type.IsSupported);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteMetadata(Utf8JsonWriter json, ModelFileInformation file)
    {
        json.WriteStartObject("metadata");
        foreach ((string key, object value) in file.Metadata)
        {
            json.WritePropertyName(key);
            if (value is not Array array)
            {
                WriteScalar(json, value);
                continue;
            }

            json.WriteStartArray();
            foreach (object element in array)
                WriteScalar(json, element);
            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    private static void WriteTensors(Utf8JsonWriter json, ModelFileInformation file)
    {
        json.WriteStartArray("tensors");
        foreach (TensorInformation tensor in file.Tensors)
        {
            json.WriteStartObject();
            json.WriteString("name", tensor.Name);
            json.WriteString("type", tensor.Type.ToString());
            json.WriteStartArray("dimensions");
            foreach (long length in tensor.Dimensions)
                json.WriteNumberValue(length);
            json.WriteEndArray();
            json.WriteNumber("byteSize", tensor.ByteSize);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteScalar(Utf8JsonWriter json, object value)
    {
        switch (value)
        {
            case string text:
                json.WriteStringValue(text);
                break;
            case bool flag:
                json.WriteBooleanValue(flag);
                break;
            case float number when float.IsFinite(number):
                json.WriteNumberValue(number);
                break;
            case double number when double.IsFinite(number):
                json.WriteNumberValue(number);
                break;
            case float or double:
                // JSON has no such numbers; these are the names that .NET, Java and JavaScript give them.
                json.WriteStringValue(((IFormattable)value).ToString(null, CultureInfo.InvariantCulture));
                break;
            case ulong number:
                json.WriteNumberValue(number);
                break;
            default:
                json.WriteNumberValue(Convert.ToInt64(value, CultureInfo.InvariantCulture));
                break;
        }
    }
}
