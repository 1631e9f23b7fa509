namespace Llama2.Training.Datasets.Forms;

/// <summary>Reads the rating of an answer for KTO: TRL's and ms-swift's <c>label</c>, or LLaMA-Factory's <c>kto_tag</c>.</summary>
internal static class RatedRecord
{
    private static readonly string[] s_names = ["label", "kto_tag"];

    /// <summary>Adds the rating to a record. Only its last answer is learned, because that is the answer that was rated.</summary>
    /// <exception cref="RecordFaultException">There is no rating, it is not true or false, or the record is a document without a prompt.</exception>
    public static DatasetRecord Read(RecordObject fields, DatasetRecord record)
    {
        string name = fields.FirstOf(s_names) ?? throw new RecordFaultException($"{fields.Place("label")} is missing, the rating that KTO learns; add true or false (the name 'kto_tag' is also allowed), or leave the record out");
        if (record.Text is not null)
        {
            throw new RecordFaultException($"{fields.Place("text")} has no prompt and answer that could be rated; write them as 'prompt' and 'completion'");
        }

        IReadOnlyList<LlamaMessage> messages = record.Messages;
        return record with
        {
            IsDesirable = fields.FindFlag(name),
            Messages = messages.Count == 0 ? messages : [.. RecordPrompt.NotLearned(messages.Take(messages.Count - 1)), messages[^1]],
        };
    }
}
