using System.Text.Json;

namespace Llama2.Training.Datasets;

/// <summary>Reads ShareGPT's conversations as FastChat does: an answer before the first question is omitted.</summary>
internal sealed class ShareGptFormat : IRecordFormat
{
    public DatasetFormat Format => DatasetFormat.ShareGpt;

    public bool Matches(JsonElement record) => RecordFields.Has(record, "conversations");

    public DatasetRecord Read(JsonElement record)
    {
        if (!RecordFields.Has(record, "conversations"))
        {
            throw new RecordFaultException("'conversations' is missing");
        }

        List<LlamaMessage> messages = RecordFields.Messages(record.GetProperty("conversations"), "conversations", "from", "value");
        if (messages is [{ Role: LlamaRole.Assistant }, ..])
        {
            messages.RemoveAt(0);
        }

        // A question at the end of a conversation has no answer to learn, so the question is omitted.
        if (messages is [.., { Role: LlamaRole.User }])
        {
            messages.RemoveAt(messages.Count - 1);
        }

        return new DatasetRecord(RecordFields.RequireAnswer(messages, "conversations"));
    }
}
