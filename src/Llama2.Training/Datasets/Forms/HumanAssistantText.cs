using System.Text.Json;
using System.Text.RegularExpressions;

namespace Llama2.Training.Datasets.Forms;

/// <summary>Reads a conversation that is one text, as in Anthropic's HH-RLHF: turns begin with <c>Human:</c> or <c>Assistant:</c> after an empty line.</summary>
internal static partial class HumanAssistantText
{
    /// <summary>Whether a field is such a text.</summary>
    public static bool Is(RecordObject record, string name) =>
        record.Peek(name) is { ValueKind: JsonValueKind.String } value && FieldValue.Text(value, record.Place(name)) is var text && text.TrimStart().StartsWith("Human:", StringComparison.Ordinal)
        && text.Contains("\n\nAssistant:", StringComparison.Ordinal);

    public static List<LlamaMessage> Read(RecordObject record, string name)
    {
        string text = "\n\n" + record.RequireText(name).TrimStart();
        Match[] starts = [.. Start().Matches(text).Cast<Match>()];
        var messages = new List<LlamaMessage>();
        for (int i = 0; i < starts.Length; i++)
        {
            int begin = starts[i].Index + starts[i].Length, end = i + 1 < starts.Length ? starts[i + 1].Index : text.Length;
            string content = text[begin..end].Trim();
            messages.Add(content.Length == 0
                ? throw new RecordFaultException($"{record.Place(name)} has an empty turn after '{starts[i].Groups[1].Value}:'; fill it, or leave the record out")
                : new LlamaMessage(starts[i].Groups[1].Value == "Human" ? LlamaRole.User : LlamaRole.Assistant, content));
        }

        return messages;
    }

    [GeneratedRegex(@"\n\n(Human|Assistant):", RegexOptions.CultureInvariant)]
    private static partial Regex Start();
}
