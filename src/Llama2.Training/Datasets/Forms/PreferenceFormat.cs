namespace Llama2.Training.Datasets.Forms;

/// <summary>
/// Reads two answers to one prompt, one of which is preferred: in the formats of Hugging Face's TRL, axolotl, LLaMA-Factory, ms-swift and OpenAI. The
/// prompt is a separate field, or each of the two conversations begins with it. Only the last answer of each conversation is learned.
/// </summary>
internal sealed class PreferenceFormat : RecordFormat
{
    private static readonly string[] s_rejected = ["rejected", "rejected_response", "non_preferred_output"];

    public override DatasetFormat Format => DatasetFormat.Preference;

    public override string Needs => "'chosen' and 'rejected'";

    public override bool Matches(RecordObject record) => record.FirstOf(s_rejected) is { } rejected && (ChosenName(record, rejected) is not null || record.FirstOf(RecordPrompt.Lists) is not null);

    public override DatasetRecord Read(RecordObject record)
    {
        string rejectedName = record.FirstOf(s_rejected) ?? throw new RecordFaultException($"{record.Place("rejected")} is missing");
        string? chosenName = ChosenName(record, rejectedName);
        if (chosenName is null && record.FirstOf(RecordPrompt.Lists) is null)
        {
            throw new RecordFaultException($"{record.Place(rejectedName == "rejected" ? "chosen" : rejectedName == "non_preferred_output" ? "preferred_output" : "chosen_response")} is missing, although {record.Place(rejectedName)} is there; add it, or remove the other");
        }

        List<string> unused = [];
        var prompt = new PreferencePrompt(record, new MessageList(record.Names.Messages, unused), unused);
        List<LlamaMessage> chosen, rejected;
        if (chosenName is null)
        {
            // ms-swift: the conversation ends with the preferred answer.
            chosen = prompt.ReadList();
            RecordPrompt.RequireAnswer(chosen, record.FirstOf(RecordPrompt.Lists)!);
            rejected = [.. chosen[..^1], .. RecordPrompt.ReadTurns(record, rejectedName, LlamaRole.Assistant, new MessageList(record.Names.Messages, unused), chosen[..^1])];
        }
        else if (HumanAssistantText.Is(record, chosenName) && HumanAssistantText.Is(record, rejectedName))
        {
            chosen = HumanAssistantText.Read(record, chosenName);
            rejected = HumanAssistantText.Read(record, rejectedName);
        }
        else
        {
            (chosen, rejected) = prompt.Read(chosenName, rejectedName);
        }

        Check(chosen, rejected, record.Names.OfFile(chosenName ?? "messages"), record.Names.OfFile(rejectedName));
        return new DatasetRecord
        {
            Messages = [.. RecordPrompt.NotLearned(chosen[..^1]), chosen[^1]],
            Rejected = [.. RecordPrompt.NotLearned(rejected[..^1]), rejected[^1]],
            Tools = prompt.Tools ?? ToolReader.ReadTools(record, unused),
            Unused = unused,
        };
    }

    private static string? ChosenName(RecordObject record, string rejectedName) => rejectedName switch
    {
        "rejected" => record.Has("chosen") ? "chosen" : null,
        "non_preferred_output" => record.Has("preferred_output") ? "preferred_output" : null,
        _ => record.FirstOf(["chosen_response", .. RecordPrompt.Answers]),
    };

    private static void Check(List<LlamaMessage> chosen, List<LlamaMessage> rejected, string chosenName, string rejectedName)
    {
        RecordPrompt.RequireAnswer(chosen, chosenName);
        RecordPrompt.RequireAnswer(rejected, rejectedName);
        if (chosen.Count == 1 || rejected.Count == 1)
        {
            throw new RecordFaultException($"'{(chosen.Count == 1 ? chosenName : rejectedName)}' is an answer without a question: add a 'prompt', or the question before the answer");
        }

        // Flags are not compared, because only the last answers are learned.
        if (!RecordPrompt.NotLearned(chosen.SkipLast(1)).SequenceEqual(RecordPrompt.NotLearned(rejected.SkipLast(1))))
        {
            throw new RecordFaultException($"'{chosenName}' and '{rejectedName}' answer different conversations; they must differ in the last answer only");
        }

        if (chosen[^1] == rejected[^1])
        {
            throw new RecordFaultException($"'{chosenName}' and '{rejectedName}' are equal, so neither is preferred; change one, or leave the record out");
        }
    }
}
