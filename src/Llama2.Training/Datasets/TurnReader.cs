using System.Text.Json;

namespace Llama2.Training.Datasets;

/// <summary>Reads fields that contain one turn as a text, or several turns as a list of messages.</summary>
internal static class TurnReader
{
    public static List<LlamaMessage> Read(JsonElement record, string name, LlamaRole role)
    {
        if (!record.TryGetProperty(name, out JsonElement value))
        {
            throw new RecordFaultException($"'{name}' is missing");
        }

        return value.ValueKind == JsonValueKind.Array
            ? RecordFields.Messages(value, name)
            : [new LlamaMessage(role, RecordFields.RequireText(record, name))];
    }
}
