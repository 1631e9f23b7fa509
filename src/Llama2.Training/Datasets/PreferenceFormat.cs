using System.Text.Json;

namespace Llama2.Training.Datasets;

/// <summary>
/// Reads two answers to one prompt, one of which is preferred, in the format of Hugging Face's TRL. The prompt is a separate field, or each of the
/// two conversations begins with it.
/// </summary>
internal sealed class PreferenceFormat : IRecordFormat
{
    public DatasetFormat Format => DatasetFormat.Preference;

    public bool Matches(JsonElement record) => RecordFields.Has(record, "chosen") && RecordFields.Has(record, "rejected");

    public DatasetRecord Read(JsonElement record)
    {
        List<LlamaMessage> prompt = RecordFields.Has(record, "prompt") ? TurnReader.Read(record, "prompt", LlamaRole.User) : [];
        List<LlamaMessage> chosen = Conversation(record, prompt, "chosen"), rejected = Conversation(record, prompt, "rejected");
        if (chosen.Count != rejected.Count || !chosen.SkipLast(1).SequenceEqual(rejected.SkipLast(1)))
        {
            throw new RecordFaultException("'chosen' and 'rejected' answer different conversations");
        }

        return chosen[^1] == rejected[^1]
            ? throw new RecordFaultException("'chosen' and 'rejected' are equal, so neither is preferred")
            : new DatasetRecord(chosen, rejected);
    }

    private static List<LlamaMessage> Conversation(JsonElement record, List<LlamaMessage> prompt, string name)
    {
        List<LlamaMessage> messages = RecordFields.RequireAnswer([.. prompt, .. TurnReader.Read(record, name, LlamaRole.Assistant)], name);
        return messages.Count > 1 ? messages : throw new RecordFaultException($"'{name}' is an answer without a question: add a 'prompt', or the question before the answer");
    }
}
