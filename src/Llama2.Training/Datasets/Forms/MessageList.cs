using System.Text.Json;
using static System.FormattableString;

namespace Llama2.Training.Datasets.Forms;

/// <summary>
/// Reads a list of messages: with <c>role</c> and <c>content</c>, as OpenAI has them, or with <c>from</c> and <c>value</c>, as ShareGPT has them.
/// </summary>
/// <param name="names">The names that the fields have in the file.</param>
/// <param name="unused">Receives the names of fields that were not used and change no meaning.</param>
internal sealed class MessageList(FieldNames names, ICollection<string> unused)
{
    /// <summary>The fields that state whether a message is learned: axolotl's, its older name, and ms-swift's.</summary>
    private static readonly string[] s_trainNames = ["train", "training", "loss"];

    /// <summary>Whether a message of the list has the field of ShareGPT's roles.</summary>
    public static bool IsShareGpt(JsonElement list, FieldNames names) =>
        list.ValueKind == JsonValueKind.Array && list.EnumerateArray().FirstOrDefault() is { ValueKind: JsonValueKind.Object } first && first.TryGetProperty(names.OfFile("from"), out _);

    /// <summary>Reads the messages.</summary>
    /// <param name="list">A list of messages.</param>
    /// <param name="name">The name of the list, for messages.</param>
    public List<LlamaMessage> Read(JsonElement list, string name)
    {
        if (list.ValueKind != JsonValueKind.Array)
        {
            throw new RecordFaultException($"'{name}' is {FieldValue.Kind(list)}; a list of messages is needed");
        }

        if (list.GetArrayLength() > PromptFormat.MaxMessageCount)
        {
            throw new RecordFaultException(Invariant($"'{name}' has {list.GetArrayLength():N0} messages; at most {PromptFormat.MaxMessageCount:N0} are allowed"));
        }

        var messages = new List<LlamaMessage>();
        int index = 0;
        foreach (JsonElement element in list.EnumerateArray())
        {
            // An empty system message counts as none.
            LlamaMessage message = ReadMessage(element, Invariant($"message {index++:N0} of '{name}'"), messages);
            if (message is not { Role: LlamaRole.System, Content: "" })
            {
                messages.Add(message);
            }
        }

        return messages;
    }

    /// <summary>Reads one message.</summary>
    /// <param name="element">The message.</param>
    /// <param name="place">The place of the message, for messages.</param>
    /// <param name="before">The messages before it, whose calls it may answer.</param>
    public LlamaMessage ReadMessage(JsonElement element, string place, IReadOnlyList<LlamaMessage> before)
    {
        var fields = new RecordObject(element, names, place);
        string roleName = fields.FirstOf(["role", "from"]) ?? throw new RecordFaultException($"{place} has no 'role', or 'from'; add the author of the message");
        string contentName = fields.FirstOf(["content", "value"]) ?? (roleName == "from" ? "value" : "content");
        string author = fields.RequireText(roleName).Trim();
        LlamaRole role = RoleNames.Find(names.RoleOf(author))
            ?? throw new RecordFaultException($"the role {FieldValue.Quote(fields.Peek(roleName)).Replace('"', '\'')} of {place} is not one of {names.Authors}; rename it");
        LlamaMessage message = role switch
        {
            LlamaRole.Assistant => ReadAnswer(fields, contentName, place, isCall: RoleNames.IsCall(names.RoleOf(author))),
            LlamaRole.Tool => ReadResult(fields, contentName, place, before),
            LlamaRole.System => LlamaMessage.System(ReadSystem(fields, contentName)),
            _ => ReadQuestion(fields, contentName, place),
        };
        bool? flag = ReadFlag(fields, role, place);
        if (flag is not null && message.IsLearned is not null && flag != message.IsLearned)
        {
            throw new RecordFaultException($"{place} has a flag that differs from those of its parts; keep one");
        }

        message = message with { IsLearned = flag ?? message.IsLearned };
        UnusedFields.Check(fields, FieldScope.Message, "messages", unused);
        return message;
    }

    private string ReadSystem(RecordObject fields, string contentName)
    {
        string text = fields.Find(contentName) is { } value ? ReadText(value, fields, contentName) : "";
        return string.IsNullOrWhiteSpace(text) ? "" : text;
    }

    private LlamaMessage ReadAnswer(RecordObject fields, string contentName, string place, bool isCall)
    {
        if (isCall)
        {
            return LlamaMessage.Assistant("", ToolReader.ReadCallText(fields.Require(contentName), fields.Place(contentName), unused));
        }

        IReadOnlyList<LlamaToolCall> calls = ToolReader.ReadCalls(fields, unused);
        bool? isLearned = null;
        string text = fields.Find(contentName) is { } value ? ReadText(value, fields, contentName, out isLearned) : "";
        if (calls.Count > 0)
        {
            return LlamaMessage.Assistant(string.IsNullOrWhiteSpace(text) ? "" : text, calls) with { IsLearned = isLearned };
        }

        return LlamaMessage.Assistant(RequireContent(fields, contentName, place, out isLearned)) with { IsLearned = isLearned };
    }

    private LlamaMessage ReadQuestion(RecordObject fields, string contentName, string place) =>
        LlamaMessage.User(RequireContent(fields, contentName, place, out bool? isLearned)) with { IsLearned = isLearned };

    private LlamaMessage ReadResult(RecordObject fields, string contentName, string place, IReadOnlyList<LlamaMessage> before)
    {
        string? id = fields.FindText("tool_call_id"), name = fields.FindText("name");
        LlamaToolCall? call = before.LastOrDefault(message => message.Role == LlamaRole.Assistant)?.ToolCalls is { Count: > 0 } calls
            ? id is null ? calls[Math.Min(calls.Count - 1, before.Reverse().TakeWhile(message => message.Role == LlamaRole.Tool).Count())] : calls.FirstOrDefault(call => call.Id == id)
            : null;
        if (id is not null && call is null)
        {
            throw new RecordFaultException($"{fields.Place("tool_call_id")} is '{id}', which is not the id of a call in the answer before it; correct it");
        }

        string content = fields.Find(contentName) is { } value ? ReadText(value, fields, contentName) : throw new RecordFaultException($"{place} has no '{contentName}'; a result without text is \"\"");
        return new LlamaMessage(LlamaRole.Tool, content) { ToolName = name ?? call?.Name, ToolCallId = id };
    }

    // The text of a system message or of a tool's result, which are never learned.
    private string ReadText(JsonElement value, RecordObject fields, string contentName)
    {
        string text = ReadText(value, fields, contentName, out bool? isLearned);
        return isLearned == true
            ? throw new RecordFaultException($"a part of {fields.Place(contentName)} is to be learned, and only answers and questions are; set its flag to false")
            : text;
    }

    private string ReadText(JsonElement value, RecordObject fields, string contentName, out bool? isLearned) => MessageContent.Read(value, fields.Place(contentName), names, unused, out isLearned);

    private string RequireContent(RecordObject fields, string contentName, string place, out bool? isLearned)
    {
        string text = ReadText(fields.Require(contentName), fields, contentName, out isLearned);
        return string.IsNullOrWhiteSpace(text) ? throw new RecordFaultException($"{place} is empty; fill it, or leave the record out") : text;
    }

    // OpenAI's weights are 0 or 1, and only answers have one. Null if the message does not say whether it is learned.
    private static bool? ReadFlag(RecordObject fields, LlamaRole role, string place)
    {
        bool? isLearned = null;
        foreach (string name in s_trainNames)
        {
            bool? flag = fields.FindFlag(name);
            if (flag is not null && isLearned is not null && flag != isLearned)
            {
                throw new RecordFaultException($"{place} has two flags that contradict each other; keep one");
            }

            isLearned ??= flag;
        }

        if (fields.Find("weight") is { } weight)
        {
            bool flag = FieldValue.Flag(weight) ?? throw new RecordFaultException($"{fields.Place("weight")} is {FieldValue.Quote(weight)}; only 0 and 1 are supported");
            if (role != LlamaRole.Assistant && flag)
            {
                throw new RecordFaultException($"{fields.Place("weight")} is 1, but only answers have a weight; remove it, or set 'train' if the message is to be learned");
            }

            if (isLearned is not null && flag != isLearned)
            {
                throw new RecordFaultException($"{fields.Place("weight")} contradicts the message's other flag; keep one");
            }

            isLearned = flag;
        }

        if (isLearned == true && role == LlamaRole.Tool)
        {
            throw new RecordFaultException($"{place} is a tool's result, and 'train', 'training' or 'loss' says that it is learned; a model does not write results, so set the flag to false");
        }

        return isLearned;
    }
}
