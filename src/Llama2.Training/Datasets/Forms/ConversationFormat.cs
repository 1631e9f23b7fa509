using System.Text.Json;
using static System.FormattableString;

namespace Llama2.Training.Datasets.Forms;

/// <summary>
/// Reads a list of messages: OpenAI's <c>messages</c>, or <c>conversations</c> as ShareGPT's. The record may have a system message and tools.
/// </summary>
/// <param name="format">Chat, for the name <c>messages</c>, or ShareGPT, for the other names.</param>
internal sealed class ConversationFormat(DatasetFormat format) : RecordFormat
{
    private readonly string[] _names = format == DatasetFormat.Chat ? RecordPrompt.Lists[..1] : RecordPrompt.Lists[1..];

    public override DatasetFormat Format => format;

    public override string Needs => $"'{_names[0]}'";

    public override bool Matches(RecordObject record) => record.FirstOf(_names) is not null;

    public override DatasetRecord Read(RecordObject record)
    {
        string name = record.FirstOf(_names) ?? throw new RecordFaultException($"{record.Place(_names[0])} is missing");
        List<string> unused = [];
        JsonElement list = record.FindList(name, "messages")!.Value;
        List<LlamaMessage> messages = new MessageList(record.Names.Messages, unused).Read(list, record.Names.OfFile(name));
        if (MessageList.IsShareGpt(list, record.Names.Messages))
        {
            messages = Alternating(messages, record.Names.OfFile(name), record.Names.IsDescribed, unused);
        }

        bool hasSystem = messages is [{ Role: LlamaRole.System }, ..];
        messages.InsertRange(0, RecordPrompt.ReadStart(record, hasSystem, hasHistory: false));
        if (hasSystem && record.Names.IsDescribed && record.HasText("system"))
        {
            // LLaMA-Factory documents that the turn replaces the column.
            record.Use("system");
            unused.Add($"{record.Names.OfFile("system")}, instead of which the first turn is used");
        }

        return new DatasetRecord { Messages = RecordPrompt.RequireAnswer(messages, record.Names.OfFile(name)), Tools = ToolReader.ReadTools(record, unused), Unused = unused };
    }

    // ShareGPT's turns alternate. As FastChat does, an answer before the first question is left out; a question at the end has no answer to learn.
    // LLaMA-Factory, whose descriptions are strict, leaves out the whole record.
    private static List<LlamaMessage> Alternating(List<LlamaMessage> messages, string name, bool isStrict, List<string> unused)
    {
        int first = messages is [{ Role: LlamaRole.System }, ..] ? 1 : 0;
        if (!isStrict && messages.Count > first && messages[first].Role == LlamaRole.Assistant)
        {
            messages.RemoveAt(first);
            unused.Add($"answer before the first question of {name}");
        }

        bool wasOfModel = true;
        for (int i = first; i < messages.Count; i++)
        {
            bool isOfModel = messages[i].Role == LlamaRole.Assistant, isNextResult = !isStrict && i > first && messages[i].Role == LlamaRole.Tool && messages[i - 1].Role == LlamaRole.Tool;
            if (messages[i].Role == LlamaRole.System)
            {
                throw new RecordFaultException(Invariant($"turn {i:N0} of '{name}' is a system message, which can only be the first turn; remove it, or put it first"));
            }

            if (isOfModel == wasOfModel && !isNextResult)
            {
                throw new RecordFaultException(Invariant($"the turns of '{name}' do not alternate: turn {i:N0} is {(isOfModel ? "another answer" : "not an answer")}; join turns of the same author, or remove one"));
            }

            wasOfModel = isOfModel;
        }

        if (!isStrict && messages is [.., { Role: LlamaRole.User }])
        {
            messages.RemoveAt(messages.Count - 1);
            unused.Add($"question at the end of {name}");
        }

        return messages;
    }
}
