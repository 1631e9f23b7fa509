using System.Text.Json;

namespace Llama2.Training.Datasets.Forms;

/// <summary>Reads the prompt of two answers, wherever the record has it.</summary>
internal sealed class PreferencePrompt(RecordObject record, MessageList reader, ICollection<string> unused)
{
    private static readonly string[] s_inputs = ["input", "context"];

    /// <summary>The tools of a prompt in OpenAI's form; null if the prompt has another form.</summary>
    public IReadOnlyList<LlamaTool>? Tools { get; private set; }

    /// <summary>Reads the record's list of messages, with its system message.</summary>
    public List<LlamaMessage> ReadList()
    {
        string name = record.FirstOf(RecordPrompt.Lists)!;
        return WithStart(reader.Read(record.FindList(name, "messages")!.Value, record.Names.OfFile(name)), hasHistory: false);
    }

    /// <summary>Reads both conversations.</summary>
    public (List<LlamaMessage> Chosen, List<LlamaMessage> Rejected) Read(string chosenName, string rejectedName)
    {
        List<LlamaMessage> chosen = RecordPrompt.ReadTurns(record, chosenName, LlamaRole.Assistant, reader, []), rejected = RecordPrompt.ReadTurns(record, rejectedName, LlamaRole.Assistant, reader, []);
        bool areWhole = chosen is [{ Role: not LlamaRole.Assistant }, ..] && rejected is [{ Role: not LlamaRole.Assistant }, ..];
        if (areWhole && TryUseRepeated(chosen))
        {
            return (WithStart(chosen, hasHistory: false), WithStart(rejected, hasHistory: false));
        }

        List<LlamaMessage> prompt = ReadPrompt();
        if (prompt is [.., { Role: LlamaRole.User }] && (chosen is [{ Role: LlamaRole.User }, ..] || rejected is [{ Role: LlamaRole.User }, ..]))
        {
            throw new RecordFaultException($"'{record.Names.OfFile(chosenName)}' and '{record.Names.OfFile(rejectedName)}' begin with a question, but not with the messages of 'prompt' or of the record's list; they must begin with these messages, or with the answer");
        }

        if (prompt is [.., { Role: LlamaRole.Assistant }] && (chosen is [{ Role: LlamaRole.Assistant }, ..] || rejected is [{ Role: LlamaRole.Assistant }, ..]))
        {
            throw new RecordFaultException($"the prompt ends with an answer, and '{record.Names.OfFile(chosenName)}' and '{record.Names.OfFile(rejectedName)}' are further ones; remove one of the answers, or let the prompt end with a question");
        }

        return ([.. prompt, .. chosen], [.. prompt, .. rejected]);
    }

    // Both answers are whole conversations. Prompts that these conversations contain are not added once more. A text that they do not contain stays
    // unused, and is refused as such. Returns false if there is a prompt of messages before these conversations.
    private bool TryUseRepeated(List<LlamaMessage> chosen)
    {
        if (record.FirstOf(RecordPrompt.Lists) is { } list && record.HasContent(list)
            && reader.Read(FieldValue.List(record.Peek(list), record.Place(list), "messages"), list) is var messages && messages.SequenceEqual(chosen.Take(messages.Count)))
        {
            record.Use(list);
        }

        if (!record.HasContent("prompt") || record.Peek("prompt").ValueKind != JsonValueKind.Array)
        {
            return true;
        }

        List<LlamaMessage> prompt = reader.Read(record.Peek("prompt"), "prompt");
        record.Use("prompt");
        return prompt.SequenceEqual(chosen.Take(prompt.Count));
    }

    private List<LlamaMessage> ReadPrompt()
    {
        if (record.Has("input") && record.Peek("input").ValueKind == JsonValueKind.Object)
        {
            return ReadOpenAi(new RecordObject(record.Require("input"), record.Names, record.Place("input")));
        }

        if (record.FirstOf(RecordPrompt.Lists) is not null && !record.HasContent("prompt"))
        {
            return ReadList();
        }

        if (record.Has("instruction"))
        {
            string instruction = record.RequireText("instruction");
            string? input = Array.Find(s_inputs, record.HasText) is { } inputName ? record.FindText(inputName) : null;
            return WithStart([LlamaMessage.User(input is null ? instruction : $"{instruction}\n{input}")], hasHistory: true);
        }

        return Array.Find(RecordPrompt.Questions, record.Has) is { } name
            ? WithStart(RecordPrompt.ReadTurns(record, name, LlamaRole.User, reader, []), hasHistory: record.Peek(name).ValueKind == JsonValueKind.String)
            : WithStart([], hasHistory: false);
    }

    private List<LlamaMessage> ReadOpenAi(RecordObject input)
    {
        List<LlamaMessage> messages = reader.Read(input.Require("messages"), "input.messages");
        Tools = ToolReader.ReadTools(input, unused);
        UnusedFields.Check(input, FieldScope.Record, "input", unused);
        return messages;
    }

    private List<LlamaMessage> WithStart(List<LlamaMessage> messages, bool hasHistory) =>
        [.. RecordPrompt.ReadStart(record, hasSystem: messages is [{ Role: LlamaRole.System }, ..], hasHistory), .. messages];
}
