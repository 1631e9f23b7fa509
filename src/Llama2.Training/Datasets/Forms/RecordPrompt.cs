using System.Text.Json;
using static System.FormattableString;

namespace Llama2.Training.Datasets.Forms;

/// <summary>Reads the parts of conversations that several forms have.</summary>
internal static class RecordPrompt
{
    /// <summary>The names of a list of messages.</summary>
    public static string[] Lists { get; } = ["messages", "conversations", "conversation", "items"];

    /// <summary>The names of a question.</summary>
    public static string[] Questions { get; } = ["prompt", "question", "query", "input"];

    /// <summary>The names of an answer.</summary>
    public static string[] Answers { get; } = ["completion", "output", "response", "answer"];

    // The texts with which prompts ask for an answer: those of the preset formats, and of HH-RLHF.
    private static readonly string[] s_promptEnds = ["[/INST]", "<|im_start|>assistant", "<|assistant|>", "ASSISTANT:", "### Assistant:", "### Response:", "\nAssistant:"];

    private static readonly string[] s_systems = ["system", "system_prompt"];

    /// <summary>Reads the record's system message, if it has one and the conversation does not begin with one; then its earlier turns.</summary>
    public static List<LlamaMessage> ReadStart(RecordObject record, bool hasSystem = false, bool hasHistory = true)
    {
        List<LlamaMessage> start = [];
        if (!hasSystem && Array.Find(s_systems, record.HasText) is { } name)
        {
            start.Add(LlamaMessage.System(record.RequireText(name)));
        }

        if (hasHistory && record.FindList("history", "pairs") is { } history)
        {
            foreach (JsonElement pair in history.EnumerateArray())
            {
                string place = Invariant($"pair {start.Count / 2:N0} of {record.Place("history")}");
                if (pair.ValueKind != JsonValueKind.Array || pair.GetArrayLength() != 2)
                {
                    throw new RecordFaultException($"{place} is {(pair.ValueKind == JsonValueKind.Array ? Invariant($"a list of {pair.GetArrayLength():N0}") : FieldValue.Kind(pair))}; a list of two texts is needed, a question and its answer");
                }

                start.Add(LlamaMessage.User(Filled(pair[0], place)));
                start.Add(LlamaMessage.Assistant(Filled(pair[1], place)));
            }
        }

        return start;
    }

    /// <summary>Reads a field that is one turn as a text or message, or several turns as a list of messages.</summary>
    public static List<LlamaMessage> ReadTurns(RecordObject record, string name, LlamaRole role, MessageList reader, IReadOnlyList<LlamaMessage> before)
    {
        JsonElement value = record.Require(name);
        return value.ValueKind switch
        {
            JsonValueKind.Array => reader.Read(value, record.Names.OfFile(name)),
            JsonValueKind.Object => [reader.ReadMessage(value, record.Place(name), before)],
            _ => [new LlamaMessage(role, RequireTurn(record, name, role))],
        };
    }

    /// <summary>Returns a field's text, which must not end as a prompt that already has a prompt format: it would get a second one.</summary>
    public static string RequireTurn(RecordObject record, string name, LlamaRole role)
    {
        string text = record.RequireText(name);
        return role == LlamaRole.User && Array.Find(s_promptEnds, candidate => text.AsSpan().TrimEnd().EndsWith(candidate, StringComparison.Ordinal)) is { } end
            ? throw new RecordFaultException($"{record.Place(name)} ends with '{end}', so it already has a prompt format, and would get another one; remove the format's tags, or write the record as 'segments'")
            : text;
    }

    /// <summary>Checks that a conversation ends with an answer.</summary>
    public static IReadOnlyList<LlamaMessage> RequireAnswer(IReadOnlyList<LlamaMessage> messages, string name) =>
        messages is [.., { Role: LlamaRole.Assistant }]
            ? messages
            : throw new RecordFaultException($"'{name}' does not end with an answer, so there is nothing to learn from its end; add the answer, or remove the messages after the last answer");

    /// <summary>The messages with none of them learned: the prompt of the answer that is learned.</summary>
    /// <exception cref="RecordFaultException">One of them is to be learned.</exception>
    public static IEnumerable<LlamaMessage> NotLearned(IEnumerable<LlamaMessage> messages) => messages.Select(message => message.IsLearned == true
        ? throw new RecordFaultException("a message before the answer has a flag ('train', 'training', 'loss' or 'weight') that says that it is learned, but only the answer is learned from such records; remove the flag")
        : message with { IsLearned = false });

    private static string Filled(JsonElement value, string place)
    {
        string text = FieldValue.Text(value, place);
        return string.IsNullOrWhiteSpace(text) ? throw new RecordFaultException($"{place} has an empty text; fill it, or leave the pair out") : text;
    }
}
