using System.Text.Json;

namespace Llama2.Training.Datasets;

/// <summary>Reads conversations, each of which is a list of messages with roles.</summary>
internal sealed class ChatFormat : IRecordFormat
{
    public DatasetFormat Format => DatasetFormat.Chat;

    public bool Matches(JsonElement record) => RecordFields.Has(record, "messages");

    public DatasetRecord Read(JsonElement record) =>
        RecordFields.Has(record, "messages")
            ? new DatasetRecord(RecordFields.RequireAnswer(RecordFields.Messages(record.GetProperty("messages"), "messages"), "messages"))
            : throw new RecordFaultException("'messages' is missing");
}
