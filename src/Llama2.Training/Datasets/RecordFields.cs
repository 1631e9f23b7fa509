using System.Text.Json;
using static System.FormattableString;

namespace Llama2.Training.Datasets;

/// <summary>Reads the fields of a record; the message of an exception names the field.</summary>
internal static class RecordFields
{
    public static bool Has(JsonElement record, string name) => record.ValueKind == JsonValueKind.Object && record.TryGetProperty(name, out _);

    /// <summary>Returns a field's text, which must have characters other than white space.</summary>
    public static string RequireText(JsonElement record, string name)
    {
        string text = FindText(record, name) ?? throw new RecordFaultException($"'{name}' is missing");
        return string.IsNullOrWhiteSpace(text) ? throw new RecordFaultException($"'{name}' is empty") : text;
    }

    /// <summary>Returns a field's text, or null if the record does not have the field.</summary>
    public static string? FindText(JsonElement record, string name)
    {
        if (!record.TryGetProperty(name, out JsonElement value) || value.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        return value.ValueKind == JsonValueKind.String ? Text(value, name) : throw new RecordFaultException($"'{name}' is {Kind(value)}; a text is needed");
    }

    /// <summary>Reads a list of messages.</summary>
    /// <param name="list">The list.</param>
    /// <param name="name">The name of the list in messages.</param>
    /// <param name="roleName">The field with a message's role.</param>
    /// <param name="contentName">The field with a message's text.</param>
    public static List<LlamaMessage> Messages(JsonElement list, string name, string roleName = "role", string contentName = "content")
    {
        if (list.ValueKind != JsonValueKind.Array)
        {
            throw new RecordFaultException($"'{name}' is {Kind(list)}; a list of messages is needed");
        }

        if (list.GetArrayLength() > PromptFormat.MaxMessageCount)
        {
            throw new RecordFaultException(Invariant($"'{name}' has {list.GetArrayLength():N0} messages; at most {PromptFormat.MaxMessageCount:N0} are allowed"));
        }

        var messages = new List<LlamaMessage>();
        foreach (JsonElement element in list.EnumerateArray())
        {
            if (element.ValueKind != JsonValueKind.Object)
            {
                throw new RecordFaultException(Invariant($"message {messages.Count:N0} of '{name}' is {Kind(element)}; an object is needed"));
            }

            LlamaRole role = Role(RequireText(element, roleName));
            string text = FindText(element, contentName) ?? throw new RecordFaultException(Invariant($"message {messages.Count:N0} of '{name}' has no '{contentName}'"));
            messages.Add(string.IsNullOrWhiteSpace(text)
                ? throw new RecordFaultException(Invariant($"message {messages.Count:N0} of '{name}' is empty"))
                : new LlamaMessage(role, text));
        }

        return messages;
    }

    /// <summary>Checks that a conversation ends with an answer.</summary>
    public static List<LlamaMessage> RequireAnswer(List<LlamaMessage> messages, string name) =>
        messages is [.., { Role: LlamaRole.Assistant }]
            ? messages
            : throw new RecordFaultException($"'{name}' does not end with an answer, so there is nothing to learn");

    public static string Kind(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "a list",
        JsonValueKind.String => "a text",
        JsonValueKind.Number => "a number",
        JsonValueKind.Null or JsonValueKind.Undefined => "null",
        _ => "true or false",
    };

    private static LlamaRole Role(string name) => name switch
    {
        "system" => LlamaRole.System,
        "user" or "human" => LlamaRole.User,
        "assistant" or "gpt" => LlamaRole.Assistant,
        _ => throw new RecordFaultException($"the role '{(name.Length <= 40 ? name : name[..40] + "…")}' is not one of system, user (human) and assistant (gpt)"),
    };

    private static string Text(JsonElement value, string name)
    {
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw new RecordFaultException($"'{name}' is not UTF-8, or contains half of a surrogate pair");
        }
    }
}
