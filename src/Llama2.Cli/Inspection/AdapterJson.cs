using Llama2.Cli.Output;

namespace Llama2.Cli.Inspection;

/// <summary>Writes the metadata of an adapter as one JSON object for programs.</summary>
internal static class AdapterJson
{
    public static void Write(AdapterInformation adapter, Stream output) => JsonOutput.Write(output, json =>
    {
        json.WriteString("path", adapter.Path);
        json.WriteString("format", adapter.FormatName);
        json.WritePropertyName("name");
        json.WriteText(adapter.Name);
        json.WriteNumber("parameterCount", adapter.ParameterCount);
        json.WriteBoolean("hasMagnitudes", adapter.HasMagnitudes);
        if (adapter.TokenCount is { } count)
        {
            json.WriteNumber("tokenCount", count);
        }

        json.WritePropertyName("trainings");
        json.WriteArray(adapter.TrainingRecords, static (json, record) =>
        {
            json.WriteStartObject();
            json.WritePropertyName("baseName");
            json.WriteText(record.BaseName);
            json.WriteString("baseFingerprint", record.BaseFingerprint);
            json.WriteString("baseNormFingerprint", record.BaseNormFingerprint);
            json.WriteString("dataFingerprint", record.DataFingerprint);
            json.WriteNumber("sampleCount", record.SampleCount);
            json.WriteNumber("stepCount", record.StepCount);
            json.WriteNumber("seed", record.Seed);
            json.WritePropertyName("settings");
            json.WriteText(record.Settings);
            json.WriteString("libraryVersion", record.LibraryVersion);
            json.WriteEndObject();
        });
        json.WritePropertyName("tensors");
        json.WriteArray(adapter.Tensors, static (json, tensor) =>
        {
            json.WriteStartObject();
            json.WriteString("baseName", tensor.BaseName);
            json.WriteNumber("rank", tensor.Rank);
            json.WriteNumber("scale", tensor.Scale);
            json.WriteNumber("parameterCount", tensor.ParameterCount);
            if (tensor.RowCount is { } rows)
            {
                json.WriteNumber("rowCount", rows);
            }

            json.WriteEndObject();
        });
    });
}
