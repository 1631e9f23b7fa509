using System.Text.Json;
using Llama2.Cli.Output;

namespace Llama2.Cli.Inspection;

/// <summary>Writes the contents of a model file, except the weights, as one JSON object for programs. Nothing is shortened.</summary>
internal static class InspectionJson
{
    public static void Write(ModelFileInformation file, Stream output) => JsonOutput.Write(output, json =>
    {
        json.WriteString("path", file.Path);
        json.WriteString("format", file.FormatName);
        json.WriteNumber("byteSize", file.ByteSize);
        json.WriteNumber("parameterCount", file.ParameterCount);
        WriteConfiguration(json, file);
        json.WritePropertyName("endOfGenerationIds");
        json.WriteArray(file.EndOfGenerationIds, static (json, id) => json.WriteNumberValue(id));
        json.WritePropertyName("tensorTypes");
        json.WriteArray(TensorTypeSummary.Of(file), WriteType);
        WriteMetadata(json, file);
        json.WritePropertyName("tensors");
        json.WriteArray(file.Tensors, WriteTensor);
    });

    private static void WriteConfiguration(Utf8JsonWriter json, ModelFileInformation file)
    {
        json.WritePropertyName("warnings");
        json.WriteArray(file.Warnings, JsonOutput.WriteText);
        if (file.Configuration is not { } configuration)
        {
            json.WriteNull("configuration");
            json.WriteString("configurationFault", file.ConfigurationFault);
            return;
        }

        json.WriteStartObject("configuration");
        json.WriteString("architecture", configuration.Architecture);
        json.WritePropertyName("name");
        json.WriteText(configuration.Name);
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

    private static void WriteType(Utf8JsonWriter json, TensorTypeSummary type)
    {
        json.WriteStartObject();
        json.WriteString("type", type.Type.ToString());
        json.WriteNumber("tensorCount", type.Count);
        json.WriteNumber("parameterCount", type.ParameterCount);
        json.WriteNumber("byteSize", type.ByteSize);
        json.WriteBoolean("isSupported", type.IsSupported);
        json.WriteEndObject();
    }

    private static void WriteMetadata(Utf8JsonWriter json, ModelFileInformation file)
    {
        json.WriteStartObject("metadata");
        foreach ((string key, object value) in file.Metadata)
        {
            json.WritePropertyName(key);
            MetadataJson.Write(json, value);
            json.HandOn();
        }

        json.WriteEndObject();
    }

    private static void WriteTensor(Utf8JsonWriter json, TensorInformation tensor)
    {
        json.WriteStartObject();
        json.WriteString("name", tensor.Name);
        json.WriteString("type", tensor.Type.ToString());
        json.WritePropertyName("dimensions");
        json.WriteArray(tensor.Dimensions, static (json, length) => json.WriteNumberValue(length));
        json.WriteNumber("byteSize", tensor.ByteSize);
        json.WriteEndObject();
    }
}
